"""What people look at: view models, charts, templates, the static site and its audit.

Not here: any SQL beyond reading the published tables, any scoring, the clock.
"""

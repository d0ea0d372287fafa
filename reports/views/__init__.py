"""View models: one module per kind of page, tables in, one frozen page object out.

Not here: HTML (templates), addresses and language (edition), figures shared by several pages (card, figures, chart).
"""

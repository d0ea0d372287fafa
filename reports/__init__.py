"""What people look at: the static site, what is taken away from it, and its audit.

From below: `warehouse` reads the published tables; `words` says what they mean; `figures` draws; the modules here lay a
scorecard out (standing, card, hierarchy, roll, movement) and know the release (edition, periods, spans); `views` makes one
page object per page, `templates` its HTML, `exports` its files; `site` builds all of it in pieces (groups, workers, render).

Not here: any SQL beyond reading the published tables, any scoring, the clock.
"""

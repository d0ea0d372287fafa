"""What a reader is told: the catalogue of texts, numbers and dates of a language, statuses, points and formulas in words.

Not here: which sentence stands on which page (views, templates).
"""

"""The published warehouse as the pages ask for it: rows, and who reads and holds them.

Not here: what is said of them (words, views). Tables are only read.
"""

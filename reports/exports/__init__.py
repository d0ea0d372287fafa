"""What a reader takes away: the board pack, the workbook, and the data as JSON and CSV.

Not here: the pages (views), the scoring (transforms).
"""

"""What is drawn: charts, small figures, bullet graphs and the strategy map, as numbers that a template prints.

Not here: markup (templates), which figure stands on which page (views).
"""

"""Raw metrics in: one module per kind of source system, dlt underneath. They write the lake.

Not here: judging what came (transforms), and when to ask (pipelines).
"""

"""The shared vocabulary of Steelyard: the strategy model and the workspace that holds it.

Here belongs what every other package must mean the same by: units, sources, contracts, perspectives, objectives, KPIs,
targets, initiatives, commentary, and the findings of a check. Pure data and its validation.

Not here: any input or output beyond reading the workspace's files, any SQL, any clock.
"""

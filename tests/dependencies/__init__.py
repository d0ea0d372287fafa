"""What Steelyard is made of besides itself: the locked dependencies, what is known against them, and their bill of materials.

For those who release Steelyard. Not here: anything that runs at night.
"""

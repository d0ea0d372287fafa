"""What people would use instead. Not here: how it is timed (measurements)."""

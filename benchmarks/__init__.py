"""Reproducible measurements. Not here: what is always tested (tests)."""

"""Doors to other packages: each needs its extra, and none is imported by the core."""

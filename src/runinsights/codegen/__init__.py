"""Writes the typed modules from SQL files, and the sync modules from the async ones."""

"""Proves which output columns of a statement are never NULL, from its syntax tree and the catalogue."""

"""The tables of the money journal: a class each, over one connection."""

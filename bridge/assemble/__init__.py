"""From delivered parts to the neutral asset, one module a kind."""

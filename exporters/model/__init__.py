"""What art is: the neutral asset, its frames and tiles, Wang sets, layouts, PNG."""

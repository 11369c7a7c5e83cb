"""Real readers of sheets, each of which draws every frame of many assets in one page of a headless browser."""

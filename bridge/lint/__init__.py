"""`assetbridge check --art`: what a person would notice in the game, found before that. Pure functions over assets."""

"""Unity 2021.3, 2022.3 and 6000: sheets, clips, controllers, tiles, prefabs and their `.meta` files."""

"""godot-universal-spritepacker on a folder: `python use_universal_spritepacker.py FRAMES OUT`."""

import sys

from godot_universal_spritepacker.godot_universal_spritepacker import main  # type: ignore[import-not-found]

frames, out = sys.argv[1:]
sys.argv[1:] = ["--source_directory", frames, "--spritesheet_path", f"{out}/sheet", "--save_json"]
sys.argv += ["--sprite_padding", "1", "--max_spritesheet_size", "4096"]
main()

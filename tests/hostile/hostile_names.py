"""A project in which everything that a stranger may call as he likes is called as he likes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\r\b\u202egnp\u2066\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\x9b31m\x85\u2028\u2029"
    "\u3164\U000e0041\U000e01ef\x7f'\"end\nerror: forged\tline"
)
"""Every family of what acts or hides: C0, C1, DEL, ANSI, OSC, bidi, invisible, tags, line ends and tabs."""

# A tab and an escaped form may stand in what is printed; none of these may.
FORBIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def toml_text(text: str) -> str:
    """A text as a basic string of TOML, which no raw control character may stand in."""
    quoted = json.dumps(text).replace("\x7f", "\\u007f")
    return re.sub(
        r"\\ud([89ab]\w\w)\\ud([c-f]\w\w)",
        lambda pair: f"\\U{0x10000 + ((int('d' + pair[1], 16) - 0xD800) << 10) + int('d' + pair[2], 16) - 0xDC00:08x}",
        quoted,
    )


def write_hostile_specs(root: Path) -> None:
    """Specs whose every free text is hostile, and some whose mistakes are: keys, names, kinds, paths, file names."""
    evil = toml_text(HOSTILE)
    specs = {
        "gem": f'kind = "sprite"\ndescription = {evil}\nsize = [16, 16]\n',
        "kind": f"kind = {evil}\n",
        "key": f'kind = "sprite"\ndescription = "x"\n{evil} = 1\n',
        "field": f'kind = "sprite"\ndescription = "x"\nsize = {evil}\n',
        "provider": f'kind = "sprite"\ndescription = "x"\nprovider = {evil}\n',
        "source": f'kind = "sprite"\nprovider = "files"\nsource = {evil}\n',
        "reference": f'kind = "edit"\ndescription = "x"\nsource = {evil}\n',
        "items": f'kind = "items"\nsize = [16, 16]\n[[items]]\nname = {evil}\ndescription = "sword"\n',
        "terrains": f'kind = "tileset"\ntile_size = 16\n[[terrains]]\nname = {evil}\n[[terrains]]\nname = "grass"\n',
        "clips": f'kind = "character"\ndescription = "x"\n[animations.{evil}]\nframes = 4\n',
        "step": f'kind = "sprite"\ndescription = "x"\n[process]\n{evil} = 1\n',
        "syntax": f"kind = {HOSTILE}",
        HOSTILE: 'kind = "sprite"\ndescription = "x"\n',
    }
    for name, text in specs.items():
        (root / "art" / f"{name}.asset.toml").write_text(text, encoding="utf-8")
    # A file's name need not be text at all.
    Path(os.fsdecode(os.fsencode(root / "art") + b"/\xff\x9b.asset.toml")).write_text('kind = "sprite"\n')

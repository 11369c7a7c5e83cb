"""The texts of the Godot addon: what its scripts say, and the translations that come with it.

`python -m tests.engines.addon_texts` writes the template `translations/assetbridge.pot` anew. The format is
gettext's (the GNU gettext manual, "The Format of PO Files"), of which the addon needs msgid and msgstr alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

ADDON = Path(__file__).parents[2] / "godot_addon"
TEMPLATE = ADDON / "translations/assetbridge.pot"
_CALL = re.compile(r'\btr\(\s*("(?:[^"\\]|\\.)*")')
_ENTRY = re.compile(r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)^msgstr ((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)
_HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


def spoken() -> dict[str, list[str]]:
    """Every text that a script translates, with the scripts that do, both in order."""
    found: dict[str, list[str]] = {}
    for script in sorted(ADDON.rglob("*.gd")):
        for literal in _CALL.findall(script.read_text(encoding="utf-8")):
            found.setdefault(ast.literal_eval(literal), []).append(script.relative_to(ADDON).as_posix())
    return dict(sorted(found.items()))


def template(texts: Mapping[str, list[str]]) -> str:
    """The template that translators start from."""
    entries = [
        "".join(f"#: {name}\n" for name in dict.fromkeys(names)) + f'msgid {_quoted(text)}\nmsgstr ""\n'
        for text, names in texts.items()
    ]
    return "\n".join([_HEADER, *entries])


def translations(path: Path) -> dict[str, str]:
    """msgid to msgstr of a PO file, without its header."""
    found = {
        _joined(msgid): _joined(msgstr) for msgid, msgstr in _ENTRY.findall(path.read_text(encoding="utf-8") + "\n")
    }
    found.pop("", None)
    return found


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _joined(literals: str) -> str:
    return "".join(ast.literal_eval(literal) for literal in re.findall(r'"(?:[^"\\]|\\.)*"', literals))


if __name__ == "__main__":
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(spoken()), encoding="utf-8")

"""The texts of the Godot addon: all of them can be translated, and German has them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge import __version__
from bridge.operations import install_addon as addons
from tests.engines.addon_texts import ADDON, TEMPLATE, spoken, template, translations

LANGUAGES = sorted(TEMPLATE.parent.glob("*.po"))
_SHOWN = re.compile(r'\b(?:text|title|tooltip_text|placeholder_text|ok_button_text)\s*=\s*"([^"]*)"')


def test_the_template_has_every_text() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == template(spoken()), "run: python -m tests.engines.addon_texts"


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_translation_is_whole_and_keeps_the_placeholders(path: Path) -> None:
    found = translations(path)
    assert list(found) == list(spoken())
    for text, translated in found.items():
        assert translated, text
        assert re.findall("%[sd]", translated) == re.findall("%[sd]", text), text


def test_no_script_shows_a_text_that_is_not_translated() -> None:
    bare = [
        (script.name, text)
        for script in ADDON.rglob("*.gd")
        for text in _SHOWN.findall(script.read_text(encoding="utf-8"))
        # An example of a path, or placeholders alone, are the same in every language.
        if re.search("[A-Za-z]{2}", text) and "/" not in text
    ]
    assert bare == []


def test_the_addon_has_the_version_of_assetbridge() -> None:
    assert f'version="{__version__}"' in addons.packaged_files("godot")["plugin.cfg"].decode()

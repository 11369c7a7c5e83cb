"""docs/reference/words.md: which words of a description the provider understands, from its own tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.providers.procedural.character import actions, words
from bridge.providers.procedural.music import moods, theory
from bridge.providers.procedural.terrain import materials, props
from bridge.providers.procedural.things import nouns, ramps

_INTRODUCTION = """\
# Words that the offline provider understands

Provider `procedural` (the default) reads descriptions: the words below choose shapes, clothes, materials and moods.
Other words do no harm. Nothing leaves your machine and nothing costs. Another take: `assetbridge reroll ID`.

`outline`, `shading` and `detail` are honoured in the usual words: `"single color outline"`, `"selective outline"`,
`"lineless"`; `"flat shading"`, `"basic shading"`, `"detailed shading"`; `"low detail"`, `"medium detail"`,
`"highly detailed"`.
"""


def words_page() -> str:
    """The text of docs/reference/words.md: tables of every kind, in the order of the code's own tables."""
    parts = [
        _INTRODUCTION,
        "## Characters\n",
        'People: what somebody does or is; a people and a trade go together ("skeleton archer", "elf queen").\n',
        _table("person", "also", ((role, _further(words.ROLE_WORDS, role)) for role in words.ROLES)),
        "Animals and other bodies:\n",
        _table(
            "creature",
            "body",
            "also",
            ((name, entry[0], _further(words.CREATURE_WORDS, name)) for name, entry in words.CREATURES.items()),
        ),
        f"Things to wear, hold and have: {_list(words.FEATURES)}; {_list(' '.join(pair) for pair in words.PAIRS)}.\n",
        f"A colour before a noun paints it: {_list(words.SLOTS)}.\n",
        "Motions, chosen by `action` or by the clip's name:\n",
        _table(
            "motion",
            "frames",
            "loops",
            "words",
            (
                (name, str(frames), "yes" if loops else "no", actions.words_of(name))
                for name, (frames, loops) in actions.ACTIONS.items()
            ),
        ),
        "## Things: sprites and items\n",
        _table("thing", "words", nouns.WORDS.items()),
        f"Materials: {_list(ramps.MATERIALS)}.\n",
        f"Colours: {_list(ramps.COLORS)}.\n",
        "## Terrain: tilesets, isometric tiles\n",
        _table("terrain", "words", ((name, _further(materials.WORDS, name)) for name in materials.MATERIALS)),
        f"On isometric tiles also stand: {_list(props.WORDS)}.\n",
        "## Music\n",
        _table("preset", "words", moods.SYNONYMS.items()),
        f"Keys: a note and a mode, like `D minor`; modes: {_list(theory.MODES)}.\n",
    ]
    return "\n".join(parts)


def _list(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _further(meanings: Mapping[str, str], name: str) -> str:
    return ", ".join(word.replace("_", " ") for word, meaning in meanings.items() if meaning == name and word != name)


def _table(*columns: str | Iterable[tuple[str, ...]]) -> str:
    """A Markdown table: column names, then the rows."""
    *names, rows = columns
    lines = [f"| {' | '.join(str(name) for name in names)} |", "|---" * len(names) + "|"]
    for row in rows:
        assert not isinstance(row, str)
        lines.append(
            f"| {' | '.join(cell.replace('_', ' ') if column else f'`{cell}`' for column, cell in enumerate(row))} |"
        )
    return "\n".join(lines) + "\n"

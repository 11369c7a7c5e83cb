"""Which fields differ between two versions of a spec, in words: `animations.walk.fps 8 -> 10`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 40


def _flatten_table(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flatten_table(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            name = item.get("name", number)
            yield from _flatten_table(item, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def _format_value(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spec says `fps = 8`, its model holds 8.0
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def describe_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """One sentence per field that was added, removed or changed, in order of the fields' paths."""
    old, new = dict(_flatten_table(before)), dict(_flatten_table(after))
    sentences = []
    for path in sorted(old.keys() | new.keys()):
        if path not in old:
            sentences.append(f"{path} added: {_format_value(new[path])}")
        elif path not in new:
            sentences.append(f"{path} removed")
        elif old[path] != new[path]:
            sentences.append(f"{path} {_format_value(old[path])} -> {_format_value(new[path])}")
    return sentences

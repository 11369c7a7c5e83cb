"""What names an input in a spec: a path of the project, or another asset. Every command asks: standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bridge.core.errors import UserError
from bridge.core.paths import lies_inside


@dataclass(frozen=True, slots=True)
class AssetRef:
    """`asset:ID#PART`; part is None for the only image or clip."""

    id: str
    part: str | None


def parse_ref(text: str) -> AssetRef | None:
    """The asset reference in a text, None for a path."""
    if not text.startswith("asset:"):
        return None
    asset_id, _, part = text.removeprefix("asset:").partition("#")
    return AssetRef(asset_id, part or None)


def resolve_path(root: Path, spec_path: str, ref: str, folders: dict[str, str] | None = None) -> str:
    """A path of a spec as project-relative path with `/`; a leading `./` means the spec's own folder.

    folders: where folders really lie, to be kept between the calls for one spec.

    Raises:
        UserError: `source_outside` for absolute paths and such that leave the project, also through links.
    """
    hint = "Paths are relative to the project, with `/`; `./` is the spec's own folder."
    if ref.startswith(("/", "\\")) or "\\" in ref or (len(ref) > 1 and ref[1] == ":") or "\0" in ref:
        raise UserError("source_outside", f"{ref} is not a path inside the project", hint=hint)
    folder = spec_path.rpartition("/")[0]
    joined = f"{folder}/{ref[2:]}" if ref.startswith("./") and folder else ref.removeprefix("./")
    parts: list[str] = []
    for part in joined.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part == "..":
            raise UserError("source_outside", f"{ref} leads out of the project", hint=hint)
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    if not path:
        raise UserError("source_outside", f"{ref or 'an empty path'} names no file", hint=hint)
    if not lies_inside(str(root), path, {} if folders is None else folders):
        raise UserError("source_outside", f"{ref} leads out of the project through a link", hint=hint)
    return path

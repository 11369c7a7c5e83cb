"""Small edits of specs that keep comments: another take, a picked variant, a new spec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core import atomic_files as disk
from bridge.core.errors import UserError

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.project import Project
    from bridge.spec.load import Loaded


@dataclass(frozen=True, slots=True)
class Edited:
    """What was written: the asset, the clip or item of it (None: all of it), and the new number."""

    id: str
    part: str | None
    number: int

    def as_dict(self, verb: str) -> dict[str, str | int | None]:
        """The document of `reroll --json` (`take`) or `pick --json` (`pick`)."""
        return {"id": self.id, "part": self.part, "take" if verb == "reroll" else "pick": self.number}


def spec_path(root: Path, asset_id: str) -> Path:
    """The spec file of an asset.

    Raises:
        UserError: `unknown_asset`.
    """
    path = root / f"{asset_id}.asset.toml"
    if not path.is_file():
        raise UserError("unknown_asset", f"there is no asset {asset_id}", hint="assetbridge status lists the assets.")
    return path


def _loaded(project: Project, asset_id: str) -> Loaded:
    """The spec of one asset, valid.

    Raises:
        BridgeError: `unknown_asset`, or what is wrong with the spec.
    """
    from bridge.spec.load import load

    return load(spec_path(project.root, asset_id), project.config)


def _edit(project: Project, loaded: Loaded, values: dict[str, int]) -> None:
    from bridge.spec.edit import set_value

    path = project.root / loaded.path
    text = path.read_bytes().decode("utf-8")
    for field, value in values.items():
        text = set_value(text, field, value)
    disk.write(path, text.encode(), shown=loaded.path)


def _part_field(loaded: Loaded, part: str | None) -> str:
    """The dotted prefix of the table that a part's `take`, `seed`, `pick` stand in."""
    if part is None:
        return ""
    spec = loaded.spec
    if spec.kind == "character" and part in spec.animations:
        return f"animations.{part}."
    if spec.kind == "items":
        names = [item.name for item in spec.items]
        if part in names:
            return f"items.{names.index(part)}."
    raise UserError("source_part", f"{loaded.id} has no part {part}", hint="Name an animation or an item of its spec.")


def split(target: str) -> tuple[str, str | None]:
    """`art/hero#walk` → (`art/hero`, `walk`)."""
    asset_id, _, part = target.removeprefix("asset:").partition("#")
    return asset_id, part or None


def _undo_if_refused(project: Project, loaded: Loaded, before: bytes) -> None:
    """Takes an edit back when the provider cannot follow it, so that the spec stays one that builds.

    Raises:
        BridgeError: why it cannot.
    """
    from bridge.plan.planner import Planner

    planner = Planner(project)
    planner.read()
    failure = planner.evaluation.failures.get(loaded.id)
    if failure is not None and failure.code == "spec_not_applicable":
        disk.write(project.root / loaded.path, before, shown=loaded.path)
        raise failure


def _holder(loaded: Loaded, part: str | None) -> object:
    spec = loaded.spec
    if part is not None and spec.kind == "character":
        return spec.animations[part]
    if part is not None and spec.kind == "items":
        return next(item for item in spec.items if item.name == part)
    return spec


def reroll(project: Project, target: str) -> Edited:
    """Raises `take` in the spec of `art/hero` or, of one clip or item, `art/hero#walk`; `number` is the new take.

    Raises:
        BridgeError: there is no such asset or part, or its provider knows no other take.
    """
    asset_id, part = split(target)
    loaded = _loaded(project, asset_id)
    prefix = _part_field(loaded, part)
    take = (getattr(_holder(loaded, part), "take", None) or 1) + 1
    before = (project.root / loaded.path).read_bytes()
    _edit(project, loaded, {f"{prefix}take": take})
    _undo_if_refused(project, loaded, before)
    return Edited(asset_id, part, take)


def pick(project: Project, target: str, number: int) -> Edited:
    """Writes `pick` into the spec of `art/hero` or, of one item, `art/icons#potion`. Buys nothing that is stored.

    Raises:
        BridgeError: there is no such asset or part, it has no variants, or fewer than `number`.
    """
    asset_id, part = split(target)
    loaded = _loaded(project, asset_id)
    prefix = _part_field(loaded, part)
    if not hasattr(_holder(loaded, part), "pick"):
        raise UserError("spec_not_applicable", f"{target} has no variants to pick from")
    variants = loaded.spec.variants
    if part is None and number > variants:
        raise UserError(
            "spec_invalid",
            f"{target} has {variants} variant{'' if variants == 1 else 's'}",
            hint="Set `variants` in its spec to get more.",
            where=loaded.where("variants"),
        )
    _edit(project, loaded, {f"{prefix}pick": number})
    return Edited(asset_id, part, number)


def write_new(
    config: Config,
    kind: str,
    name: str,
    description: str | None,
    provider: str | None,
    *,
    terrains: Sequence[str] = (),
    tile_size: int | None = None,
) -> str:
    """Writes a new spec, with the JSON Schema beside it that editors complete it by; returns the asset's id.

    Raises:
        BridgeError: `id_invalid`, `file_exists`, `spec_unknown_kind`, or it cannot be written.
    """
    from bridge.spec.edit import new_spec
    from bridge.spec.load import check_id

    asset_id = name.removesuffix(".asset.toml")
    check_id(asset_id)
    path = config.root / f"{asset_id}.asset.toml"
    if path.exists():
        raise UserError("file_exists", f"{asset_id}.asset.toml exists already", hint="Choose another name, or edit it.")
    text = new_spec(kind, asset_id, description=description, provider=provider, terrains=terrains, tile_size=tile_size)
    write_schema(config.root)
    disk.write(path, text.encode(), shown=f"{asset_id}.asset.toml")
    return asset_id


def write_schema(root: Path) -> bool:
    """Writes `.assetbridge/spec.schema.json`; returns False when it is current."""
    import json

    from bridge.spec.schema import json_schema

    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    return disk.write(root / ".assetbridge" / "spec.schema.json", text.encode(), shown=".assetbridge/spec.schema.json")

"""Small edits of specs that keep comments: another take (`reroll`), a picked variant (`pick`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bridge.core import limits
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError
from bridge.core.paths import spec_file
from bridge.core.waits import MOST_TAKES_TRIED
from bridge.plan.planner import Planner
from bridge.providers import registry
from bridge.spec.edit import set_value
from bridge.spec.load import Loaded, load_spec

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluation import Evaluation
    from bridge.project import Project
    from bridge.providers.api import OfflineProvider, ResultFile, StepResult


@dataclass(frozen=True, slots=True)
class SpecEdit:
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
    path = root / spec_file(asset_id)
    if not path.is_file():
        raise UserError("unknown_asset", f"there is no asset {asset_id}", hint="assetbridge status lists the assets.")
    return path


def _load_spec(project: Project, asset_id: str) -> Loaded:
    """The spec of one asset, valid.

    Raises:
        BridgeError: `unknown_asset`, or what is wrong with the spec.
    """
    return load_spec(spec_path(project.root, asset_id), project.config)


def _read_spec(project: Project, loaded: Loaded) -> bytes:
    """The bytes of a spec that is to be changed: it is written where it lies, so no link leads to it."""
    try:
        return project.folder.read(loaded.path, limits.SPEC_BYTES)
    except OSError as error:
        raise describe_failure(error, loaded.path) from error


def _write_values(project: Project, loaded: Loaded, values: dict[str, int]) -> None:
    text = _read_spec(project, loaded).decode("utf-8")
    for field, value in values.items():
        text = set_value(text, field, value)
    project.folder.write(loaded.path, text.encode())


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


def split_target(target: str) -> tuple[str, str | None]:
    """`art/hero#walk` → (`art/hero`, `walk`)."""
    asset_id, _, part = target.removeprefix("asset:").partition("#")
    return asset_id, part or None


def _undo_edit(project: Project, loaded: Loaded, before: bytes, error: BridgeError) -> BridgeError:
    """Takes an edit back when the provider cannot follow it, so that the spec stays one that builds."""
    project.folder.write(loaded.path, before)
    return error


def _evaluate(project: Project) -> Evaluation:
    planner = Planner(project)
    planner.read()
    return planner.evaluation


def _looks_the_same(one: AssetState | None, other: AssetState | None) -> bool:
    """Whether two takes of what this machine draws by itself come to the same pictures; what cannot be told differs."""
    if one is None or other is None:
        return False
    steps = (*one.steps, *other.steps)
    if any(step.inputs or not registry.get(step.provider).offline for step in steps):
        return False
    return _draw_steps(one) == _draw_steps(other)


def _draw_steps(state: AssetState) -> list[tuple[str, tuple[ResultFile, ...]]]:
    results: dict[str, StepResult] = {}
    for step in state.steps:
        provider = cast("OfflineProvider", registry.get(step.provider))
        results[step.key] = provider.run(step, {}, {key: results[key] for key in step.after})
    return [(key, result.files) for key, result in results.items()]


def _part_holder(loaded: Loaded, part: str | None) -> object:
    spec = loaded.spec
    if part is not None and spec.kind == "character":
        return spec.animations[part]
    if part is not None and spec.kind == "items":
        return next(item for item in spec.items if item.name == part)
    return spec


def reroll(project: Project, target: str) -> SpecEdit:
    """Raises `take` in the spec of `art/hero` or, of one clip or item, `art/hero#walk`; `number` is the new take: the
    next one that does not look the same, where that can be told for nothing.

    Raises:
        BridgeError: there is no such asset or part, its provider knows no other take, or all look the same.
    """
    asset_id, part = split_target(target)
    loaded = _load_spec(project, asset_id)
    prefix = _part_field(loaded, part)
    first = (getattr(_part_holder(loaded, part), "take", None) or 1) + 1
    before = _read_spec(project, loaded)
    shown = _evaluate(project).states.get(asset_id)
    for take in range(first, first + MOST_TAKES_TRIED):
        _write_values(project, loaded, {f"{prefix}take": take})
        evaluation = _evaluate(project)
        failure = evaluation.failures.get(asset_id)
        if failure is not None and failure.code == "spec_not_applicable":
            raise _undo_edit(project, loaded, before, failure)
        # What is drawn here may come out the same: then that is no other take.
        if not _looks_the_same(shown, evaluation.states.get(asset_id)):
            return SpecEdit(asset_id, part, take)
    message = f"{target} looks the same in every take: its description leaves nothing to chance"
    hint = "Say less of it, and the rest differs from take to take; or change the words."
    error = UserError("spec_not_applicable", message, hint=hint, where=loaded.where("description"))
    raise _undo_edit(project, loaded, before, error)


def pick(project: Project, target: str, number: int) -> SpecEdit:
    """Writes `pick` into the spec of `art/hero` or, of one item, `art/icons#potion`. Buys nothing that is stored.

    Raises:
        BridgeError: there is no such asset or part, it has no variants, or fewer than `number`.
    """
    asset_id, part = split_target(target)
    loaded = _load_spec(project, asset_id)
    prefix = _part_field(loaded, part)
    if not hasattr(_part_holder(loaded, part), "pick"):
        raise UserError("spec_not_applicable", f"{target} has no variants to pick from")
    variants = loaded.spec.variants
    if part is None and number > variants:
        raise UserError(
            "spec_invalid",
            f"{target} has {variants} variant{'' if variants == 1 else 's'}",
            hint="Set `variants` in its spec to get more.",
            where=loaded.where("variants"),
        )
    _write_values(project, loaded, {f"{prefix}pick": number})
    return SpecEdit(asset_id, part, number)

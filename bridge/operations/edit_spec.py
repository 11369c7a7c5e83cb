"""Small edits of specs that keep comments: another take (`reroll`), a picked variant (`pick`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    from bridge.spec.character import RetakeTable
    from bridge.spec.model import Spec


_RETAKE = re.compile(r"(?:(?P<clip>[a-z0-9_]+)/)?retake/(?P<number>[0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class SpecEdit:
    """What was written: the asset, the clip, item or retake of it (None: all of it), and the new number."""

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


def _find_part(loaded: Loaded, part: str | None) -> tuple[str, object]:
    """The dotted prefix of the table that a part's `take`, `seed`, `pick` stand in, and that table.

    A retake is `retake/1`, the first of the spec, or `attack/retake/1` of a character's animation.

    Raises:
        UserError: `source_part`.
    """
    spec = loaded.spec
    if part is None:
        return "", spec
    if spec.kind == "items":
        for number, item in enumerate(spec.items):
            if item.name == part:
                return f"items.{number}.", item
    if spec.kind == "character" and part in spec.animations:
        return f"animations.{part}.", spec.animations[part]
    said = _RETAKE.fullmatch(part)
    prefix, retakes = _list_retakes(spec, said["clip"]) if said is not None else ("", [])
    if said is not None and 1 <= int(said["number"]) <= len(retakes):
        index = int(said["number"]) - 1
        return f"{prefix}retakes.{index}.", retakes[index]
    hint = "Name an animation, an item or a retake (`retake/1`) of its spec."
    raise UserError("source_part", f"{loaded.id} has no part {part}", hint=hint)


def _list_retakes(spec: Spec, clip: str | None) -> tuple[str, Sequence[RetakeTable]]:
    """The retakes of an animation, or of one of a character, and the dotted prefix of the table that they stand in."""
    if spec.kind == "animation" and clip is None:
        return "", spec.retakes or ()
    if spec.kind == "character" and clip in spec.animations:
        return f"animations.{clip}.", spec.animations[clip].retakes or ()
    return "", ()


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


class _Look:
    """An asset in one take: what its steps ask for, and what they draw; None where that cannot be told for nothing."""

    def __init__(self, state: AssetState | None) -> None:
        self._fingerprints = state.fingerprints if state is not None else {}
        self._drawn = _draw_steps(state) if state is not None else None

    def share_of_news(self, other: _Look) -> float:
        """How much looks different in another take, of all that the take asks for anew: 1 all of it, 0 none.

        What cannot be told differs.
        """
        before, after = self._drawn, other._drawn
        if before is None or after is None:
            return 1.0
        anew = [key for key in after if self._fingerprints.get(key) != other._fingerprints.get(key)]
        return sum(before.get(key) != after[key] for key in anew) / len(anew) if anew else 0.0


def _draw_steps(state: AssetState) -> dict[str, tuple[ResultFile, ...]] | None:
    """The files of every step that this machine draws by itself; None where not all of them are drawn so."""
    if any(step.inputs or not registry.get(step.provider).offline for step in state.steps):
        return None
    results: dict[str, StepResult] = {}
    for step in state.steps:
        provider = cast("OfflineProvider", registry.get(step.provider))
        results[step.key] = provider.run(step, {}, {key: results[key] for key in step.after})
    return {key: result.files for key, result in results.items()}


def reroll(project: Project, target: str) -> SpecEdit:
    """Raises `take` in the spec of `art/hero` or, of one clip, item or retake, `art/hero#walk`; `number` is the new
    take: the next one that looks new in every part, or as many as possible, where that can be told for nothing.

    Raises:
        BridgeError: there is no such asset or part, its provider knows no other take, or all look the same.
    """
    asset_id, part = split_target(target)
    loaded = _load_spec(project, asset_id)
    prefix, holder = _find_part(loaded, part)
    first = (getattr(holder, "take", None) or 1) + 1
    before = _read_spec(project, loaded)
    shown = _Look(_evaluate(project).states.get(asset_id))
    best, news = first, 0.0
    for take in range(first, first + MOST_TAKES_TRIED):
        _write_values(project, loaded, {f"{prefix}take": take})
        evaluation = _evaluate(project)
        failure = evaluation.failures.get(asset_id)
        if failure is not None and failure.code == "spec_not_applicable":
            raise _undo_edit(project, loaded, before, failure)
        # What is drawn here may come out the same, and of a set only what nobody picked may be new.
        share = shown.share_of_news(_Look(evaluation.states.get(asset_id)))
        if share == 1.0:
            return SpecEdit(asset_id, part, take)
        if share > news:
            best, news = take, share
    if news:
        _write_values(project, loaded, {f"{prefix}take": best})
        return SpecEdit(asset_id, part, best)
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
    prefix, holder = _find_part(loaded, part)
    if not hasattr(holder, "pick"):
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

"""The art lint over a project: every asset that is at hand, and pictures of the seams."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.build.asset_loader import AssetLoader
from bridge.core import limits
from bridge.core.crash_log import explain_failure
from bridge.core.errors import BridgeError, UserError
from bridge.core.paths import LINT_FOLDER, PROJECT_FILE
from bridge.lint.art import lint_asset
from bridge.lint.model import ArtFinding, LintRules
from bridge.lint.picture import seam_picture
from bridge.media.images import encode_png
from bridge.media.rgb import RGB, parse_rgb
from bridge.processing.palettes import read_palette
from bridge.processing.steps.alpha import AlphaStep
from bridge.processing.undecided import find_undecided
from exporters.model.asset import TilesetAsset
from exporters.model.layouts import coverage, pair_name

if TYPE_CHECKING:
    from bridge.lint.tiles import Seam
    from bridge.plan.asset_state import AssetState
    from bridge.plan.planner import Planner
    from bridge.project import Project
    from exporters.model.asset import Asset


@dataclass(frozen=True, slots=True)
class CheckedAsset:
    """What was found of one asset. `file` is its spec; `picture` shows its seams; `error` says why it was not read.

    coverage: of a tileset, every pair of terrains with the masks of the corner tiles that it lacks.
    """

    id: str
    file: str
    findings: tuple[ArtFinding, ...] = ()
    picture: str | None = None
    error: BridgeError | None = None
    coverage: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell of it."""
        return bool(self.findings or self.error or self.coverage)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form in `check --art --json`."""
        return {
            "id": self.id,
            "file": self.file,
            "findings": [finding.as_dict() for finding in self.findings],
            "picture": self.picture,
            "coverage": [{"terrains": name, "missing": list(missing)} for name, missing in self.coverage],
            "error": self.error.as_dict() if self.error else None,
        }


def check_art(project: Project, planner: Planner, ids: Collection[str] | None = None) -> list[CheckedAsset]:
    """Lints assets whose results are at hand, in order of ids; the others are not built yet and `check` says so.

    Raises:
        UserError: `source_missing`, `source_broken` for the palette of `[lint]`.
    """
    rules = LintRules.of(project.config.lint, project_palette(project))
    art = AssetLoader(project, planner.evaluation)
    checked = []
    for asset_id in sorted(planner.evaluation.states if ids is None else ids):
        work = planner.evaluation.states.get(asset_id)
        if work is not None and not work.missing:
            try:
                checked.append(_check_asset(project, art, work, rules))
            except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others
                failure = explain_failure(error, project.root, asset_id)
                checked.append(CheckedAsset(asset_id, work.loaded.path, error=failure))
            art.release(asset_id)
    return checked


def _check_asset(project: Project, art: AssetLoader, work: AssetState, rules: LintRules) -> CheckedAsset:
    asset = art.load_processed(work)
    kept = AlphaStep.is_kept(work.loaded.spec.process)
    findings, seams = lint_asset(asset, work.process, rules, soft_allowed=kept)
    if rules.limit("undecided") is not None:
        unsure = find_undecided(art.load_assembled(work).asset, work.process)
        findings += [
            ArtFinding("undecided", f"{doubt.step}: {doubt.message}", doubt.fix) for doubt in unsure if doubt.is_defect
        ]
    picture = _write_seam_picture(project, work.id, asset, seams) if seams else None  # type: ignore[arg-type]
    return CheckedAsset(work.id, work.loaded.path, tuple(findings), picture, coverage=_terrain_coverage(asset))


def _terrain_coverage(asset: Asset) -> tuple[tuple[str, tuple[int, ...]], ...]:
    if not isinstance(asset, TilesetAsset) or not asset.terrains:
        return ()
    return tuple((pair_name(asset, pair), missing) for pair, missing in coverage(asset).items())


def _write_seam_picture(project: Project, asset_id: str, tileset: TilesetAsset, seams: list[Seam]) -> str:
    path = f"{LINT_FOLDER}/{asset_id}.seams.png"
    project.folder.write(path, encode_png(seam_picture(tileset, seams)))
    return path


def project_palette(project: Project) -> tuple[RGB, ...]:
    """The colours of `[lint] palette`, empty without one."""
    chosen = project.config.lint.get("palette")
    if chosen is None:
        return ()
    where = project.config.where(("lint", "palette"))
    if not isinstance(chosen, list):
        try:
            return read_palette(project.folder.read_source(chosen, limits.PALETTE_BYTES), chosen, where)
        except limits.TooLargeError as error:
            raise UserError("source_broken", f"{chosen} cannot be read: {error.strerror}", where=where) from error
        except OSError as error:
            raise UserError("source_missing", f"there is no file {chosen}", where=where) from error
    try:
        return tuple(parse_rgb(color) for color in chosen)
    except ValueError as error:
        hint = f"Colours in {PROJECT_FILE} are written #rrggbb."
        raise UserError("config_invalid", str(error), hint=hint, where=where) from error

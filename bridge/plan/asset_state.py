"""One spec against the lock: its steps, what of them is at hand, and which of its files are current."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.core.errors import UserError
from bridge.plan import targets
from bridge.plan.compile_context import Compilation, compile_spec
from bridge.plan.step_inputs import Known, linked
from bridge.processing.settings import ProcessSettings
from bridge.providers import registry
from bridge.providers.fingerprint import digest, step_fingerprint
from bridge.spec.process_rules import process_settings
from bridge.store.lockfile import LockedAsset, LockedTarget, join
from bridge.store.output_hash import MERGED, content_hash
from bridge.store.results import complete
from exporters.base import Exporter, Link

if TYPE_CHECKING:
    from bridge.project import Project
    from bridge.providers.api import Step
    from bridge.spec.load import Loaded


@dataclass(slots=True)
class AssetState:
    """What is known of one asset while a plan is made or carried out.

    fingerprints: by step key, None while an input is not made. results: step key → result hash at hand.
    upstream: ids of the assets it uses. lost: steps whose stored result is gone.
    """

    loaded: Loaded
    entry: LockedAsset
    known: bool
    renamed_from: str | None
    steps: list[Step]
    fingerprints: dict[str, str | None]
    results: dict[str, str]
    wish: str
    process: ProcessSettings
    upstream: tuple[str, ...]
    sources: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """The asset's id."""
        return self.loaded.id

    @property
    def missing(self) -> list[Step]:
        """Steps without a result at hand."""
        return [step for step in self.steps if step.key not in self.results]

    def step(self, key: str) -> Step:
        """A step by its key, as it is now."""
        return next(step for step in self.steps if step.key == key)

    @property
    def offline(self) -> bool:
        """Whether every step is made on this machine for nothing."""
        return all(registry.get(step.provider).offline for step in self.steps)


def wish_of(steps: list[Step], fingerprints: Mapping[str, str | None]) -> str:
    """A hash over all steps without their seeds: equal for an asset that only changed its id. Empty if unknown."""
    seedless: dict[str, str] = {}
    for step in steps:
        bare = dataclasses.replace(step, seed=None)
        fingerprint = step_fingerprint(bare, seedless, with_seed=False)
        if fingerprint is None or fingerprints.get(step.key) is None:
            return ""
        seedless[step.key] = fingerprint
    return digest(seedless)[:40]


def _settled(
    project: Project, entry: LockedAsset, wanted: Sequence[Step], bought: Mapping[str, str]
) -> tuple[list[Step], dict[str, str | None], dict[str, str]]:
    """In order of need: the steps with what they take up of each other, their fingerprints, and results at hand."""
    steps: list[Step] = []
    known = Known({}, {})
    for one in wanted:
        step = linked(project.store, entry, one, steps, known)
        steps.append(step)
        needed = {key: found for key in step.after if (found := known.fingerprints.get(key)) is not None}
        fingerprint = known.fingerprints[step.key] = step_fingerprint(step, needed)
        result = _at_hand(project, entry, step, fingerprint, bought)
        if result is not None:
            known.results[step.key] = result
    return steps, known.fingerprints, known.results


def proceed(project: Project, work: AssetState, bought: Mapping[str, str]) -> None:
    """A step was made: what waited for it learns its fingerprint, and may be at hand already."""
    waiting = {key for key, fingerprint in work.fingerprints.items() if fingerprint is None}
    if not waiting:
        return
    steps, fingerprints, results = _settled(project, work.entry, work.steps, bought)
    work.steps = steps
    for key in waiting:
        work.fingerprints[key] = fingerprints[key]
        if key in results:
            work.results[key] = results[key]
    work.wish = wish_of(steps, fingerprints)


def evaluate(
    project: Project,
    loaded: Loaded,
    compilation: Compilation,
    entry: LockedAsset,
    *,
    known: bool,
    renamed_from: str | None,
    bought: Mapping[str, str],
) -> AssetState:
    """Compiles a spec and looks up which results are at hand.

    bought: fingerprint → result of every step in the lock.

    Raises:
        BridgeError: the spec cannot be compiled.
    """
    from bridge.spec.references import references
    from bridge.spec.refs import parse_ref

    steps, fingerprints, results = _settled(project, entry, compile_spec(loaded, compilation), bought)
    process = _process(loaded, compilation)
    refs = (parse_ref(ref) for _, ref in references(loaded.spec))
    upstream = tuple(sorted({ref.id for ref in refs if ref is not None} - {loaded.id}))
    return AssetState(
        loaded,
        entry,
        known,
        renamed_from,
        steps,
        fingerprints,
        results,
        wish_of(steps, fingerprints),
        process,
        upstream,
        compilation.sources,
        compilation.folders,
    )


def _process(loaded: Loaded, compilation: Compilation) -> ProcessSettings:
    try:
        return process_settings(loaded.spec, lambda path: compilation.read(path, "process.palette")[1])
    except UserError as error:
        if error.where is None or error.where.line is None:
            error.where = loaded.where("process.palette")
        raise


def _at_hand(
    project: Project, entry: LockedAsset, step: Step, fingerprint: str | None, bought: Mapping[str, str]
) -> str | None:
    if fingerprint is None:
        return None
    locked = entry.steps.get(step.key)
    if locked is not None and locked.fingerprint == fingerprint:
        return locked.result
    for result in (bought.get(fingerprint), project.state.result(fingerprint)):
        if result is not None and complete(project.store, result):
            return result
    return None


def assembled_fingerprint(work: AssetState, upstream: Mapping[str, str]) -> str:
    """A hash of everything that an asset's pixels are made from. upstream: the same of the assets it uses."""
    return digest(
        {
            "id": work.entry.identity,
            "seed": work.entry.seed,
            "results": work.results,
            "slots": work.entry.slots,
            "upstream": dict(upstream),
            **targets.free_facts(work.loaded, work.process),
        }
    )[:40]


def stem_of(asset_id: str) -> str:
    """The output path of an asset without suffix, inside each output folder: its id."""
    return asset_id


def links_of(work: AssetState, project_id: str, entries: Mapping[str, LockedAsset]) -> dict[str, Link]:
    """Where the files of the assets are that this one refers to."""
    return {
        asset_id: Link(stem_of(asset_id), f"{project_id}:{entries[asset_id].identity}")
        for asset_id in work.upstream
        if asset_id in entries
    }


@dataclass(slots=True)
class FileCheck:
    """The state of a target's files on the disk: missing, merged ones that lost our keys, edited by hand."""

    missing: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)

    @property
    def current(self) -> bool:
        """Nothing has to be written."""
        return not (self.missing or self.overwritten)


def check_files(project: Project, target: LockedTarget, exporter: Exporter) -> FileCheck:
    """Compares a target's files with the lock; unchanged ones are not read."""
    check = FileCheck()
    for name, recorded in target.files.items():
        path = join(target.output, name)
        now = project.state.look(path, "output")
        if now is None:
            if recorded:
                check.missing.append(path)
        elif recorded.startswith(MERGED):
            if _owned(project, path, now, exporter) != recorded.removeprefix(MERGED):
                check.overwritten.append(path)
        elif recorded and now != recorded and _text_hash(project, path) != recorded:
            check.drifted.append(path)
    return check


def _text_hash(project: Project, path: str) -> str:
    try:
        return content_hash(path, (project.root / path).read_bytes())
    except OSError:
        return ""


def _owned(project: Project, path: str, now: str, exporter: Exporter) -> str:
    known = project.state.known(path)
    if known is not None and known.sha256 == now and known.owned:
        return known.owned
    try:
        owned = exporter.owned_hash(path, (project.root / path).read_bytes())
    except (OSError, ValueError):
        return ""
    project.state.learn(path, "output", now, owned)
    return owned

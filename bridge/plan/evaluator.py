"""One spec × its lock entry × what is at hand → its state. Nothing is written and nothing spent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from bridge.core.errors import BridgeError, UserError
from bridge.plan import targets
from bridge.plan.asset_state import AssetState, find_results, hash_without_seeds
from bridge.plan.compile_context import CompileSession, Surroundings, compile_spec
from bridge.plan.input_urls import find_still, require_urls
from bridge.processing.settings import ProcessSettings
from bridge.spec.process_rules import process_settings
from bridge.spec.references import references
from bridge.spec.refs import parse_ref

if TYPE_CHECKING:
    from bridge.project import Project
    from bridge.providers.api import Step
    from bridge.spec.load import Loaded
    from bridge.store.lock_entry import LockedAsset

UpstreamHash: TypeAlias = Callable[[str, str | None], str | None]
"""The content hash of a part of an asset, by the asset's id and the part's name; None where it is not at hand."""


def _no_hash(_asset_id: str, _part: str | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates specs.

    bought: fingerprint → result of every step in the lock and the money journal. ordered: fingerprints of what is on
    its way. part_hash: of assets that were evaluated before.
    """

    project: Project
    specs: Mapping[str, Loaded]
    bought: Mapping[str, str]
    ordered: Collection[str]
    part_hash: UpstreamHash

    def evaluate(
        self,
        loaded: Loaded,
        entry: LockedAsset,
        upstream: Mapping[str, AssetState],
        *,
        renamed_from: str | None = None,
        links: Mapping[str, str] = MappingProxyType({}),
    ) -> AssetState:
        """The state of an asset.

        upstream: states of the assets it may use. links: hashes of parts that an earlier evaluation found out.

        Raises:
            BridgeError: the spec cannot be compiled, or asks for something that cannot be done.
        """
        try:
            state = self._compile_state(loaded, entry, upstream, renamed_from, links)
            require_urls(state, self.project, self.ordered, upstream)
            targets.target_jobs(loaded, self.project.config)
        except BridgeError as error:
            if error.where is not None and error.where.file != loaded.path and loaded.id not in error.message:
                # A mistake in the defaults: its place alone would not say which asset meets it.
                error.message = f"{loaded.id}: {error.message}"
            raise
        return state

    def seedless_hash(self, loaded: Loaded, entry: LockedAsset) -> str:
        """The hash of an asset's steps without their seeds; empty where it is not known.

        With parts of other assets it is not: they are evaluated later.
        """
        state = self.state_alone(loaded, entry)
        return state.seedless_hash if state is not None else ""

    def state_alone(self, loaded: Loaded, entry: LockedAsset) -> AssetState | None:
        """The state of an asset as if there were no other and nothing were bought; None where it is not known."""
        alone = replace(self, part_hash=_no_hash, bought={})
        try:
            return alone._compile_state(loaded, entry, {}, None, {})
        except Exception:  # noqa: BLE001  said when it is evaluated; here it only is nothing that is known
            return None

    def _compile_state(
        self,
        loaded: Loaded,
        entry: LockedAsset,
        upstream: Mapping[str, AssetState],
        renamed_from: str | None,
        links: Mapping[str, str],
    ) -> AssetState:
        def find_maker(asset_id: str, part: str | None) -> Step | None:
            used = upstream.get(asset_id)
            maker = find_still(used.loaded.spec, used.steps, part) if used is not None else None
            return maker[0] if maker is not None else None

        around = Surroundings(self.project.config, self.project.memory, self.specs, self.part_hash, find_maker)
        compilation = CompileSession(loaded, around, entry.seed)
        steps = compile_spec(loaded, compilation)
        at_hand = find_results(self.project, entry, steps, self.bought, {**entry.links, **links})
        refs = (parse_ref(ref) for _, ref in references(loaded.spec))
        return AssetState(
            loaded,
            entry,
            renamed_from,
            at_hand.steps,
            at_hand.fingerprints,
            at_hand.results,
            at_hand.links,
            entry.slots,
            entry.parts,
            hash_without_seeds(at_hand.steps, at_hand.fingerprints),
            _read_process(loaded, compilation),
            tuple(sorted({ref.id for ref in refs if ref is not None} - {loaded.id})),
            frozenset(compilation.sources),
            frozenset(compilation.folders),
            at_hand.lost,
        )


def _read_process(loaded: Loaded, compilation: CompileSession) -> ProcessSettings:
    try:
        return process_settings(loaded.spec, lambda path: compilation.read(path, "process.palette")[1])
    except UserError as error:
        if error.where is None or error.where.line is None:
            error.where = loaded.where("process.palette")
        raise

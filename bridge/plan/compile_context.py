"""Spec → steps: what a provider may ask while it compiles, answered from the project."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import fnmatch
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bridge.core import limits
from bridge.core.disk_errors import find_way_out, reason_of
from bridge.core.errors import BridgeError, UserError
from bridge.core.git_lfs import PULL, is_lfs_pointer
from bridge.core.paths import is_text
from bridge.core.root_folder import RootFolder
from bridge.plan import extra_steps as chains
from bridge.plan.asset_size import require_bounded
from bridge.providers import registry
from bridge.providers.api import Input, Provider, Step
from bridge.providers.uses import refuse_unused
from bridge.spec.process_rules import refused_process_keys
from bridge.spec.refs import parse_ref, resolve_path

if TYPE_CHECKING:
    from bridge.cache.project_memory import ProjectMemory
    from bridge.config.project_config import Config
    from bridge.spec.load import Loaded
    from bridge.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What compiling one spec may look at.

    part_hash(asset id, part) is the content hash of another asset's part, None while it is not built.
    maker(asset id, part) is the step that delivers a still of another asset, None where no step does.
    """

    config: Config
    memory: ProjectMemory
    specs: Mapping[str, Loaded]
    part_hash: Callable[[str, str | None], str | None]
    maker: Callable[[str, str | None], Step | None]


class CompileSession:
    """The `CompileContext` of one spec. `sources` gathers the project files looked at, `folders` those listed."""

    def __init__(self, loaded: Loaded, around: Surroundings, seed: int) -> None:
        self.asset_id = loaded.id
        self.sources: set[str] = set()
        self.folders: set[str] = set()
        self._loaded = loaded
        self._around = around
        self._seed = seed
        self._real_folders: dict[str, str] = {}

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        """The effective seed; it wraps inside 1 … 2147483647.

        Another take of a set of variants is another set: it begins behind the last seed of the one before.
        """
        spec = self._loaded.spec
        start = own or spec.seed or self._seed
        take = own_take or spec.take
        return (start + (take - 1) * max(1, spec.variants) + variant - 1 - 1) % 2147483647 + 1

    def input(self, role: str, ref: str, field: str) -> Input:
        """An input by reference, hashed now."""
        asset = parse_ref(ref)
        if asset is not None:
            self.spec_of(ref, field)
            try:
                return Input(role, ref, self._around.part_hash(asset.id, asset.part))
            except UserError as error:
                error.where = error.where or self._loaded.where(field)
                raise
        path = self._path(ref, field)
        sha256 = self._around.memory.files.hash_of(path, "source")
        if sha256 is None:
            self._refuse_large(path, field)
            near = self._near(path)
            raise self.fail(
                "source_missing",
                f"there is no file {path}",
                field,
                f"Did you mean {near}?"
                if near
                else "Paths are relative to the project; `./` is the spec's own folder.",
            )
        self.sources.add(path)
        return Input(role, path, sha256)

    def address(self, role: str, ref: str, field: str) -> Input:
        """An input that the provider takes as a web address only."""
        return dataclasses.replace(self.input(role, ref, field), by_url=True, field=field)

    def maker(self, ref: str) -> Step | None:
        """The step that delivers the still behind an asset reference; None where no step does."""
        asset = parse_ref(ref)
        return self._around.maker(asset.id, asset.part) if asset is not None else None

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        """The project-relative path and the content of a file that decides about the steps."""
        path = self.input("file", ref, field).ref
        if parse_ref(path) is not None:
            raise self.fail("source_missing", f"{path} is not a file", field, "Give a path inside the project.")
        try:
            data = RootFolder(self._around.config.root).read_source(path, limits.MAP_BYTES)
        except limits.TooLargeError as error:
            raise self.fail("source_broken", f"{path} cannot be read: {error.strerror}", field) from error
        except OSError as error:
            raise self.fail(
                "source_missing", f"{path} cannot be read: {reason_of(error)}", field, find_way_out(error)
            ) from error
        if is_lfs_pointer(data):
            raise self.fail(
                "source_broken", f"{path} is a pointer of Git LFS: the file itself is not here", field, PULL
            )
        return path, data

    def _refuse_large(self, path: str, field: str) -> None:
        with contextlib.suppress(OSError):
            if (self._around.config.root / path).stat().st_size > limits.SOURCE_BYTES:
                reason = limits.say_too_large(limits.SOURCE_BYTES)
                raise self.fail("source_broken", f"{path} cannot be read: {reason}", field)

    def _path(self, ref: str, field: str) -> str:
        try:
            return resolve_path(self._around.config.root, self._loaded.path, ref, self._real_folders)
        except UserError as error:
            raise self.fail(error.code, error.message, field, error.hint) from error

    def _near(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        try:
            names = sorted(entry.name for entry in (self._around.config.root / folder).iterdir())
        except OSError:
            return None
        close = difflib.get_close_matches(name, names, n=1)
        return f"{folder}/{close[0]}" if close and folder else (close[0] if close else None)

    def files(self, pattern: str, field: str) -> Sequence[str]:
        """Project-relative paths that match a glob pattern, sorted."""
        if len(pattern) > limits.PATTERN_LETTERS:
            message = f"the pattern has {len(pattern):,} characters; there may be {limits.PATTERN_LETTERS:,}"
            raise self.fail("spec_invalid", message, field, "Shorten it.")
        anchor = self._path(pattern, field)
        paths = [""]
        for part in anchor.split("/"):
            matching = (path for folder in paths for path in self._matches(folder, part))
            paths = list(islice(matching, limits.PATTERN_FILES + 1))
            if len(paths) > limits.PATTERN_FILES:
                message = f"the pattern finds more than {limits.PATTERN_FILES:,} files"
                raise self.fail("spec_invalid", message, field, "Name their folder in the pattern.")
        return sorted(path for path in paths if self._is_file(path))

    def _is_file(self, path: str) -> bool:
        # `os.path` takes any name for one that is not there; a Path raises for one that is too long.
        full = self._around.config.root / path
        if not os.path.exists(full):  # noqa: PTH110
            self._miss(path)
        return os.path.isfile(full)  # noqa: PTH113

    def _miss(self, path: str) -> None:
        """Notes that nothing is there: it matters when something comes."""
        self.folders.add(path)
        self._around.memory.files.hash_of(path, "folder")

    def _matches(self, folder: str, part: str) -> list[str]:
        root = self._around.config.root / folder
        if not any(mark in part for mark in "*?["):
            path = f"{folder}/{part}" if folder else part
            if os.path.exists(self._around.config.root / path):  # noqa: PTH110
                return [path]
            self._miss(path)
            return []
        if not os.path.isdir(root):  # noqa: PTH112
            if not os.path.exists(root):  # noqa: PTH110
                self._miss(folder)
            return []
        # Before its names are read: what comes in between is a change.
        self._around.memory.files.hash_of(folder or ".", "folder")
        try:
            names = sorted(entry.name for entry in root.iterdir() if is_text(entry.name))
        except OSError:
            return []
        self.folders.add(folder or ".")
        return [f"{folder}/{name}" if folder else name for name in names if fnmatch.fnmatchcase(name, part)]

    def spec_of(self, ref: str, field: str) -> Spec:
        """The spec behind an asset reference."""
        asset = parse_ref(ref)
        loaded = self._around.specs.get(asset.id) if asset else None
        if asset is None or loaded is None:
            wanted = asset.id if asset else ref
            able = [one for one in self._around.specs.values() if field != "tileset" or one.spec.kind == "tileset"]
            close = difflib.get_close_matches(wanted, sorted(one.id for one in able), n=1)
            raise self.fail(
                "source_missing",
                f"there is no asset {wanted}" if asset else f"{ref} is not an asset reference",
                field,
                f"Did you mean asset:{close[0]}?" if close else "Asset references look like asset:art/hero#south.",
            )
        return loaded.spec

    def fail(self, code: str, message: str, field: str, hint: str = "") -> UserError:
        """An error on the line of a field, to be raised by the caller."""
        return UserError(code, message, hint=hint, where=self._loaded.where(field))


def provider_of(loaded: Loaded, name: str) -> Provider:
    """The provider that a spec names.

    Raises:
        UserError: `unknown_provider`, `provider_broken` or `provider_kind`. NeedsDecision: `not_trusted`.
    """
    try:
        provider = registry.get(name)
    except BridgeError as error:
        error.where = loaded.where("provider")
        raise
    kind = loaded.spec.kind
    if kind not in provider.kinds:
        able = [
            other.name if other.offline else f"{other.name} (paid)"
            for other in registry.usable()
            if kind in other.kinds
        ]
        where = loaded.where("provider")
        raise UserError(
            "provider_kind",
            f"the provider {name} does not make {kind}",
            hint=f"Providers of {kind}: {' or '.join(able)}." if able else "",
            where=where if where.file == loaded.path else loaded.where("kind"),
        )
    return provider


def _check_process(loaded: Loaded) -> None:
    """Only what the spec itself says can be wrong: a project's defaults are for the kinds that have them."""
    for key, hint in refused_process_keys(loaded.spec.kind, loaded.data.get("process", {})):
        raise UserError(
            "spec_not_applicable",
            f"process.{key} does not apply to {loaded.spec.kind}",
            hint=hint,
            where=loaded.where(f"process.{key}"),
        )


def compile_spec(loaded: Loaded, compilation: CompileSession) -> list[Step]:
    """The steps of a spec.

    Raises:
        BridgeError: the spec asks for something that its provider cannot make.
    """
    provider = provider_of(loaded, loaded.spec.provider)
    _check_process(loaded)
    # Before it is compiled, for a step is made of every clip; and then with what the steps know of clips.
    require_bounded(loaded)
    refuse_unused(loaded.spec, provider, compilation, loaded.data)
    try:
        steps = chains.compile_steps(loaded.spec, provider, compilation)
    except BridgeError as error:
        if error.where is None:
            error.where = loaded.where("provider")
        raise
    require_bounded(loaded, steps)
    keys = [step.key for step in steps]
    if len(set(keys)) != len(keys):
        raise AssertionError(f"{loaded.id}: provider {provider.name} gave a step key twice")
    return steps

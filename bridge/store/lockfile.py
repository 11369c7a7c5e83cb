"""`assetbridge.lock`: what was made, from what, and who each asset is.

JSON, one line an asset, in an order that has nothing to do with the names: new assets of two people seldom stand side
by side, and so version control merges most of their work by itself, also where no program of ours is (a web page that
merges). What it cannot is joined by `bridge.store.lock_merge`. The lock holds no path outside the project, no time and
no key. Per asset:

- `identity`, minted once: every uid and guid is derived from it; it follows renames.
- `seed`: the seed a spec without one got.
- `steps`: fingerprint, provider ids, seed, cost and result hash of every bought or drawn step.
- `slots`: places in sheets that never move (tiles, items).
- `parts`: content hashes of the stills and clips that other assets use.
- `links`: content hashes of the parts that later steps of the same asset take up, by what they were made from.
- `targets`: per engine the fingerprint its files were made from, and each file's hash.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from bridge.core import limits
from bridge.core.conflict_markers import has_conflict_markers, split_conflict
from bridge.core.disk_errors import RefusedPathError, describe_failure
from bridge.core.errors import UserError, Where
from bridge.core.json_text import check_value
from bridge.core.paths import spec_file
from bridge.core.root_folder import RootFolder
from bridge.store.lock_entry import LockedAsset, LockedParts, LockedStep, LockedTarget
from bridge.store.lock_merge import merge_entries
from bridge.store.locked_steps import LockedSteps
from bridge.store.output_owners import OutputOwners

VERSION = 1
FILE_NAME = "assetbridge.lock"
_HEAD = f'{{"version": {VERSION}, "assets": {{\n'


class Lock:
    """All assets by id; whoever changes one says so by `put` or `remove`, so that whatever is kept beside them holds.

    texts: the text of each asset as last written, by id, for a process that writes the lock again and again. notes:
    what was decided when the two sides of an unfinished merge were joined; empty for all others.
    """

    def __init__(
        self,
        assets: Mapping[str, LockedAsset] | None = None,
        notes: tuple[str, ...] = (),
        *,
        is_partial: bool = False,
    ) -> None:
        self._assets = dict(assets or {})
        self.texts: dict[str, str] = {}
        self.notes = notes
        self.is_partial = is_partial
        self._is_changed = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lock) and self._assets == other._assets

    __hash__ = None  # type: ignore[assignment]

    @property
    def assets(self) -> Mapping[str, LockedAsset]:
        """The entries by id."""
        return self._assets

    @property
    def is_changed(self) -> bool:
        """Whether it may hold something else than the file it was read from or written to."""
        return self._is_changed

    def note_written(self) -> None:
        """It holds what the file does, and what had to be decided is history."""
        self._is_changed = False
        self.notes = ()

    def put(self, asset_id: str, entry: LockedAsset) -> None:
        """An asset has this entry from now on."""
        before = self._assets.get(asset_id)
        # The very same one may have been changed since it was put.
        self._is_changed |= before is entry or before != entry
        self._assets[asset_id] = entry
        self.texts.pop(asset_id, None)
        for index in self._used_indexes():
            index.update(asset_id, entry)

    def remove(self, asset_id: str) -> LockedAsset | None:
        """Takes an asset out; returns its entry, None where there is none."""
        self.texts.pop(asset_id, None)
        for index in self._used_indexes():
            index.forget(asset_id)
        self._is_changed |= asset_id in self._assets
        return self._assets.pop(asset_id, None)

    def take_over(self, newer: Lock) -> set[str]:
        """Becomes equal to a lock that was read later; returns the ids of the assets that differ."""
        changed = {
            asset_id
            for asset_id in self._assets.keys() | newer.assets.keys()
            if self._assets.get(asset_id) != newer.assets.get(asset_id)
        }
        for asset_id in changed:
            if asset_id in newer.assets:
                self.put(asset_id, newer.assets[asset_id])
            else:
                self.remove(asset_id)
        return changed

    @cached_property
    def steps(self) -> LockedSteps:
        """Every step by its fingerprint."""
        return LockedSteps(self._assets)

    @cached_property
    def owners(self) -> OutputOwners:
        """Who owns which output file."""
        return OutputOwners(self._assets)

    def _used_indexes(self) -> Iterator[LockedSteps | OutputOwners]:
        """What is kept of all entries, as far as it was asked for."""
        return (self.__dict__[name] for name in ("steps", "owners") if name in self.__dict__)

    def identities(self) -> set[str]:
        """Every identity in use."""
        return {asset.identity for asset in self._assets.values()}

    def outputs(self) -> Iterator[tuple[str, str]]:
        """(project-relative path, asset id) of every output file."""
        for asset_id, asset in self._assets.items():
            for target in asset.targets.values():
                for path in target.paths():
                    yield path, asset_id


ENTRY_ERRORS = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading an entry raises that no build has written."""


def asset_as_dict(asset: LockedAsset) -> dict[str, Any]:
    """The JSON form of one asset; empty parts are left out."""
    data: dict[str, Any] = {"kind": asset.kind, "identity": asset.identity, "seed": asset.seed}
    if asset.seedless_hash:
        data["wish"] = asset.seedless_hash
    if asset.steps:
        data["steps"] = {key: _step_data(step) for key, step in asset.steps.items()}
    for name, table in (("slots", asset.slots), ("parts", asset.parts.as_dict()), ("links", asset.links)):
        if table:
            data[name] = dict(table)
    if asset.targets:
        data["targets"] = {
            name: {
                "made": target.made,
                "output": target.output,
                "files": dict(target.files),
                **({"left": target.left} if target.left else {}),
            }
            for name, target in asset.targets.items()
        }
    return data


def _step_data(step: LockedStep) -> dict[str, Any]:
    data: dict[str, Any] = {
        "fingerprint": step.fingerprint,
        "provider": step.provider,
        "operation": step.operation,
        "result": step.result,
    }
    if step.seed is not None:
        data["seed"] = step.seed
    if step.provider_ids:
        data["ids"] = dict(step.provider_ids)
    if step.cost:
        data["cost"] = dict(step.cost)
    if step.meta:
        data["meta"] = dict(step.meta)
    return data


def asset_from_dict(data: dict[str, Any], *, checked: bool = False) -> LockedAsset:
    """The asset behind its JSON form. checked: types and paths, too, as those of the lock file.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: the data is not of this form (`ENTRY_ERRORS`).
    """
    asset = LockedAsset(
        kind=data["kind"],
        identity=data["identity"],
        seed=data["seed"],
        seedless_hash=data.get("wish", ""),
        steps={
            key: LockedStep(
                fingerprint=step["fingerprint"],
                provider=step["provider"],
                operation=step["operation"],
                result=step["result"],
                seed=step.get("seed"),
                provider_ids=dict(step.get("ids", {})),
                cost=step.get("cost"),
                meta=dict(step.get("meta", {})),
            )
            for key, step in data.get("steps", {}).items()
        },
        slots=dict(data.get("slots", {})),
        parts=LockedParts.from_data(data.get("parts", {})),
        links=dict(data.get("links", {})),
        targets={
            name: LockedTarget(
                made=target["made"],
                output=target["output"],
                files=dict(target["files"]),
                left={folder: dict(files) for folder, files in target.get("left", {}).items()},
            )
            for name, target in data.get("targets", {}).items()
        },
    )
    if checked:
        check_entry(asset)
    return asset


def _format_line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def dumps(lock: Lock) -> str:
    """The text of the lock file, the same for the same content."""
    texts = lock.texts
    for asset_id, asset in lock.assets.items():
        if asset_id not in texts:
            texts[asset_id] = f"{_format_line(asset_id)}: {_format_line(asset_as_dict(asset))}"
    lines = ",\n".join([texts[asset_id] for asset_id in sorted(lock.assets, key=_place_of)])
    return f"{_HEAD}{lines}\n}}}}\n"


def _place_of(asset_id: str) -> tuple[int, str]:
    """Where an asset's line stands: scattered, so that two new assets seldom meet in the same gap."""
    return zlib.crc32(asset_id.encode(errors="surrogatepass")), asset_id


def encode_lock(lock: Lock) -> bytes:
    """The bytes of the lock file; halves of surrogate pairs become escapes of JSON."""
    return dumps(lock).encode(errors="backslashreplace")


def loads(text: str) -> Lock:
    """The lock behind a text.

    Raises:
        UserError: `lock_invalid` or `lock_newer`.
    """
    hint = "Take the file from version control, or make it again: assetbridge lock --rebuild"
    if len(text) > limits.LOCK_BYTES or sum(text.count(mark) for mark in ",[{") > limits.LOCK_VALUES:
        raise UserError(
            "lock_invalid",
            f"the lock file has more than {limits.LOCK_BYTES / 1e6:g} MB or {limits.LOCK_VALUES:,} values",
            hint=hint,
            where=Where(FILE_NAME),
        )
    try:
        data = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UserError(
            "lock_invalid",
            f"the lock file is not valid JSON: {error.msg}",
            hint=hint,
            where=Where(FILE_NAME, error.lineno, error.colno),
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            "lock_invalid", f"the lock file cannot be read: {_shorten(error)}", hint=hint, where=Where(FILE_NAME)
        ) from error
    try:
        version = data["version"]
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise ValueError(f"the version {version!r:.40}")
        if version > VERSION:
            raise UserError(
                "lock_newer",
                f"the lock file has version {data['version']}, this assetbridge reads up to {VERSION}",
                hint="Upgrade assetbridge.",
                where=Where(FILE_NAME),
            )
        return Lock({asset_id: asset_from_dict(asset, checked=True) for asset_id, asset in data["assets"].items()})
    except ENTRY_ERRORS as error:
        raise UserError(
            "lock_invalid", f"the lock file lacks or mangles {_shorten(error)}", hint=hint, where=Where(FILE_NAME)
        ) from error


def salvage(text: str) -> Lock:
    """What can be read of a lock that cannot be read as a whole: entries line by line. Never raises."""
    with suppress(UserError):
        lock = join_sides(text) if has_conflict_markers(text) else loads(text)
        return Lock(lock.assets, is_partial=True)
    assets: dict[str, LockedAsset] = {}
    for line in text.splitlines() if len(text) <= limits.LOCK_BYTES else ():
        with suppress(*ENTRY_ERRORS):
            ((asset_id, data),) = json.loads(f"{{{line.strip().removesuffix(',')}}}").items()
            assets[asset_id] = asset_from_dict(data, checked=True)
    return Lock(assets, is_partial=True)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two equal keys, which a merge may leave, nobody can say which is right.

    Raises:
        ValueError: a key is there twice.
    """
    unique = dict(pairs)
    if len(unique) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"{twice:.100} is there twice")
    return unique


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _shorten(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "its values stand in each other too deeply"
    text = str(error)
    return text if len(text) <= 200 else f"{text[:200]}…"


def check_entry(asset: LockedAsset) -> None:
    """Types, and that no path leads out of its folder: files named here are written over and removed.

    Raises:
        TypeError, ValueError: a value that this tool never writes.
    """
    _check_facts(asset)
    texts = [asset.kind, asset.identity, asset.seedless_hash, *asset.parts.as_dict().values(), *asset.links.values()]
    texts += [text for step in asset.steps.values() for text in (step.fingerprint, step.provider, step.result)]
    for target in asset.targets.values():
        texts.append(target.made)
        for folder, files in target.iter_folders():
            texts += files.values()
            for path in (folder, *files):
                _check_path(path)
    numbers = [asset.seed, *asset.slots.values(), *(step.seed or 0 for step in asset.steps.values())]
    for value, wanted in [*((text, str) for text in texts), *((number, int) for number in numbers)]:
        if not isinstance(value, wanted):
            raise TypeError(f"{value!r:.100}")


def _check_facts(asset: LockedAsset) -> None:
    """The parts that hold whatever a provider said: small, and texts where texts are expected."""
    for step in asset.steps.values():
        check_value(step.meta)
        for table in (step.provider_ids, step.cost or {}):
            for text in table.values():
                if not isinstance(text, str):
                    raise TypeError(f"{text!r:.100}")
        if not isinstance(step.operation, str):
            raise TypeError(f"{step.operation!r:.100}")


def _check_path(path: str) -> None:
    """A relative path with slashes, as every system takes it.

    Raises:
        ValueError: it is another.
    """
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\\" in path or ":" in path or "\0" in path:
        raise ValueError(f"the path {path!r}")


def read(root: Path) -> Lock:
    """The project's lock; an empty one when there is no file.

    Raises:
        UserError: `lock_invalid` or `lock_newer`.
        WorkFailed: `unsafe_path`.
    """
    try:
        text = RootFolder(root).read(FILE_NAME, limits.LOCK_BYTES).decode("utf-8")
    except FileNotFoundError:
        return Lock()
    except RefusedPathError as error:
        raise describe_failure(error, FILE_NAME) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("lock_invalid", f"the lock file cannot be read: {error}", where=Where(FILE_NAME)) from error
    if has_conflict_markers(text):
        return join_sides(text, lambda asset_id: (root / spec_file(asset_id)).is_file())
    lock = loads(text)
    lock.note_written()
    return lock


def join_sides(text: str, has_spec: Callable[[str], bool] = lambda _asset_id: True) -> Lock:
    """The lock behind a text in which version control left conflict markers: both sides, joined entry by entry.

    has_spec: whether the spec of an asset is there.

    Raises:
        UserError: `lock_invalid`: a side cannot be read; `lock_newer`.
    """
    try:
        sides = split_conflict(text)
        base = loads(sides.base).assets if sides.base else {}
        merged = merge_entries(base, loads(sides.ours).assets, loads(sides.theirs).assets, has_spec)
    except (ValueError, UserError) as error:
        if isinstance(error, UserError) and error.code != "lock_invalid":
            raise
        line = next((number for number, row in enumerate(text.splitlines(), 1) if has_conflict_markers(row)), 1)
        raise UserError(
            "lock_invalid",
            f"the lock file has conflict markers, and its two sides cannot be told apart: {error}",
            hint="git checkout --merge assetbridge.lock puts the markers back as git wrote them; then build again.",
            where=Where(FILE_NAME, line, 1),
        ) from error
    return Lock(
        merged.assets, ("the two sides of an unfinished merge of assetbridge.lock were joined", *merged.notes())
    )


def _is_same_in_former_form(folder: RootFolder, lock: Lock) -> bool:
    """Whether an earlier version has written the very same."""
    with suppress(OSError, UnicodeDecodeError, UserError):
        text = folder.read(FILE_NAME, limits.LOCK_BYTES).decode("utf-8")
        return not text.startswith(_HEAD) and loads(text) == lock
    return False


def write(root: Path, lock: Lock) -> bool:
    """Writes the lock atomically and durably, where it has changed; returns whether its bytes did.

    A file that holds the same in another form (an earlier version wrote it) is left as it is.

    Raises:
        WorkFailed: the disk is full or the file cannot be written.
    """
    folder = RootFolder(root, make=False)
    if folder.is_file(FILE_NAME) and (not lock.is_changed or _is_same_in_former_form(folder, lock)):
        return False
    is_written = folder.write(FILE_NAME, encode_lock(lock), durable=True)
    lock.note_written()
    return is_written

"""Spec files → checked specs. Every mistake of every file is found in one pass, each with its place."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bridge.core import limits
from bridge.core.crash_log import explain_failure
from bridge.core.disk_errors import find_way_out, reason_of
from bridge.core.errors import BridgeError, ErrorGroup, UserError, Where
from bridge.core.paths import asset_id_of, spec_file
from bridge.core.root_folder import RootFolder
from bridge.core.toml import KeyPositions, TomlDocument, TomlError, parse_toml
from bridge.spec.defaults import merge_defaults, unknown_defaults
from bridge.spec.export_tables import inapplicable_options
from bridge.spec.messages import explain_errors
from bridge.spec.model import KINDS, BaseSpec
from bridge.spec.scan import scan_specs

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.spec.model import Spec

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid spec: its id, project-relative path, model (defaults merged) and the sha256 of the file."""

    id: str
    path: str
    spec: Spec
    data: Mapping[str, Any]
    sha256: str
    positions: KeyPositions
    config: Config

    def where(self, field: str) -> Where:
        """The place of a dotted field; in assetbridge.toml when it comes from the defaults."""
        return locate_key(
            tuple(_part_of(part) for part in field.split(".")), self.path, self.positions, self.config, self.spec.kind
        )


def _part_of(part: str) -> str | int:
    return int(part) if part.isdigit() else part


def locate_key(
    path: tuple[str | int, ...], file: str, positions: KeyPositions, config: Config | None, kind: str
) -> Where:
    """The place of a key: in the spec, in the project's defaults, or of the nearest table above it in the spec."""
    field = ".".join(str(part) for part in path)
    own = positions.locate(path)
    if own is not None:
        return Where(file, *own, field)
    if config is not None:
        for prefix in (("defaults", kind), ("defaults",)):
            where = config.where((*prefix, *path))
            if where.field == ".".join(str(part) for part in (*prefix, *path)) and _is_default(
                config, (*prefix, *path)
            ):
                return where
    for length in range(len(path) - 1, 0, -1):
        position = positions.locate(path[:length])
        if position is not None:
            return Where(file, *position, field)
    return Where(file, 1, 1, field)


def _is_default(config: Config, path: tuple[str | int, ...]) -> bool:
    value: Any = {"defaults": config.defaults}
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def check_id(asset_id: str) -> None:
    """Checks an asset id: parts between `/` that every file system can keep.

    Raises:
        UserError: `id_invalid`, with what would be valid.
    """
    where = Where(spec_file(asset_id))
    if unicodedata.normalize("NFC", asset_id) != asset_id:
        raise UserError("id_invalid", f"{asset_id} is not in Unicode form NFC", hint="Rename the file.", where=where)
    for part in asset_id.split("/"):
        if not _PART.match(part):
            raise UserError(
                "id_invalid",
                f"{part or 'an empty name'} is no valid part of an asset id",
                hint="Use letters, digits, `_` and `-`, beginning with a letter or digit.",
                where=where,
            )
        if part.lower() in _DEVICES:
            raise UserError(
                "id_invalid", f"{part} is a device name on Windows", hint="Choose another name.", where=where
            )


def load_spec(path: Path, config: Config) -> Loaded:
    """One spec file.

    Raises:
        UserError, ErrorGroup: everything that is wrong with it.
    """
    relative = path.relative_to(config.root).as_posix()
    try:
        return _load_spec(relative, config)
    except Exception as error:
        if isinstance(error, BridgeError):
            raise
        failure = explain_failure(error, config.root, relative)
        failure.where = Where(relative)
        raise failure from error


def _load_spec(relative: str, config: Config) -> Loaded:
    asset_id = asset_id_of(relative)
    check_id(asset_id)
    document, raw = _read_document(config.root, relative)
    positions = KeyPositions(document)
    kind = _kind_of(document, relative, positions)
    data = merge_defaults(document.data, kind, config.defaults)
    errors: list[BridgeError] = [
        UserError(
            "spec_not_applicable",
            f"{key} does not apply to {kind}",
            hint="Remove it here.",
            where=locate_key((key,), relative, positions, None, kind),
        )
        for key in document.data
        if key in KINDS[kind].not_applicable
    ]
    errors += [
        UserError(
            "spec_not_applicable",
            f"{'.'.join(key_path)} does not apply to {kind}",
            hint=f"Remove it here; it is for {', '.join(kinds)}.",
            where=locate_key(key_path, relative, positions, None, kind),
        )
        for key_path, kinds in inapplicable_options(document.data.get("export"), kind)
    ]
    try:
        spec: BaseSpec = KINDS[kind].model_validate(data)
    except ValidationError as error:
        errors += explain_errors(
            error, data, kind, lambda key_path: locate_key(key_path, relative, positions, config, kind)
        )
    if errors:
        errors.sort(key=lambda one: (one.where.line or 0, one.where.column or 0) if one.where else (0, 0))
        raise errors[0] if len(errors) == 1 else ErrorGroup(errors[: limits.ERRORS_SHOWN])
    return Loaded(asset_id, relative, spec, document.data, hashlib.sha256(raw).hexdigest(), positions, config)  # type: ignore[arg-type]


def _read_document(root: Path, relative: str) -> tuple[TomlDocument, bytes]:
    try:
        raw = RootFolder(root).read_source(relative, limits.SPEC_BYTES)
    except OSError as error:
        too_large = isinstance(error, limits.TooLargeError)
        raise UserError(
            "spec_unreadable",
            f"the spec cannot be read: {reason_of(error)}",
            hint="Move what it lists into several specs." if too_large else find_way_out(error),
            where=Where(relative),
        ) from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        start = raw.rfind(b"\n", 0, error.start) + 1
        raise UserError(
            "spec_encoding",
            f"the spec is not UTF-8 text: byte 0x{raw[error.start]:02x} does not belong there",
            hint="Save the file as UTF-8.",
            where=Where(relative, raw[: error.start].count(b"\n") + 1, error.start - start + 1),
        ) from error
    try:
        return parse_toml(text.removeprefix("\ufeff")), raw
    except TomlError as error:
        raise UserError(
            "spec_syntax",
            f"the spec is not valid TOML: {error.message}",
            hint=error.hint or "Texts stand in quotes, lists in [ ], tables begin with [name].",
            where=Where(relative, error.line, error.column),
        ) from error


def _kind_of(document: TomlDocument, relative: str, positions: KeyPositions) -> str:
    kind = document.data.get("kind")
    kinds = ", ".join(KINDS)
    if kind is None:
        raise UserError(
            "spec_invalid", "kind is missing", hint=f"Say what it is: {kinds}.", where=Where(relative, 1, 1, "kind")
        )
    if not isinstance(kind, str) or kind not in KINDS:
        close = difflib.get_close_matches(str(kind), KINDS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Kinds: {kinds}."
        where = locate_key(("kind",), relative, positions, None, "")
        raise UserError("spec_unknown_kind", f"there is no kind {kind}", hint=hint, where=where)
    return kind


def _each_once(errors: Iterable[BridgeError]) -> list[BridgeError]:
    """One mistake in the project's defaults is found under every spec, but is one mistake."""
    first: dict[tuple[str, str, Where | None], BridgeError] = {}
    for error in errors:
        first.setdefault((error.code, error.message, error.where), error)
    return list(first.values())


def load_specs(
    config: Config, load_one: Callable[[Path, Config], Loaded] = load_spec, paths: Iterable[str] | None = None
) -> tuple[list[Loaded], list[BridgeError]]:
    """All specs of a project in order of their ids, and everything that is wrong with the others.

    paths: the project-relative spec files, sorted, where somebody knows them already.
    """
    loaded: list[Loaded] = []
    errors: list[BridgeError] = unknown_defaults(config)
    by_fold: dict[str, str] = {}
    for path in paths if paths is not None else [path for path, _ in scan_specs(config)]:
        fold = asset_id_of(path).casefold()
        if fold in by_fold:
            errors.append(
                UserError(
                    "id_clash",
                    f"{path} and {by_fold[fold]} differ only in upper and lower case",
                    hint="Some systems cannot keep both: rename one.",
                    where=Where(path),
                )
            )
            continue
        by_fold[fold] = path
        try:
            loaded.append(load_one(config.root / path, config))
        except ErrorGroup as group:
            errors += group.errors
        except BridgeError as error:
            errors.append(error)
    loaded.sort(key=lambda one: one.id)
    return loaded, _each_once(errors)

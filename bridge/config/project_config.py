"""`assetbridge.toml`: found by walking up, read with the standard library so that light commands stay light.

Every mistake is one error with file, line and column; all of them are reported at once.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.config.options import (
    BUDGET,
    LINT,
    PROJECT,
    PROVIDER,
    STORE,
    WEBHOOKS,
    Options,
    missing_options,
    target_options,
)
from bridge.config.trust_requests import list_requests
from bridge.config.unity_project import read_editor_version
from bridge.core import limits
from bridge.core.disk_errors import reason_of
from bridge.core.errors import BridgeError, ErrorGroup, UserError, Where
from bridge.core.paths import PROJECT_FILE, SPEC_PATTERN
from bridge.core.root_folder import RootFolder
from bridge.core.toml import KeyPositions, TomlError, parse_toml
from bridge.trust import plug_ins
from bridge.trust.project_trust import ProjectTrust
from exporters import registry
from exporters.target import ExportTarget, TargetError, TargetNotLoaded

KeyPath = tuple[str | int, ...]
_TABLES = ("project", "defaults", "targets", "providers", "webhooks", "budget", "store", "lint")


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """A `[targets.NAME]` table. `root` is the engine's folder, `output` lies under it; both with `/`.

    is_loaded: False for a target of another package while the project is not trusted: nothing is known of its options,
    nothing is written for it, and what was written stays.
    """

    name: str
    root: str
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)
    is_loaded: bool = True

    @property
    def path(self) -> str:
        """The output folder relative to the project."""
        if self.root in ("", "."):
            return self.output
        return self.root if self.output in ("", ".") else f"{self.root}/{self.output}"


@dataclass(frozen=True, slots=True)
class Config:
    """The project file. `sha256` is over its bytes; `where` places its keys for errors; `trust` is asked for whatever
    these settings must not do unasked.
    """

    root: Path
    name: str
    id: str
    spec_patterns: tuple[str, ...]
    defaults: Mapping[str, Any]
    targets: Mapping[str, TargetConfig]
    providers: Mapping[str, Mapping[str, Any]]
    budget: Mapping[str, Any]
    lint: Mapping[str, Any]
    webhooks: Mapping[str, Any]
    store: Mapping[str, Any]
    sha256: str
    where: Callable[[KeyPath], Where]
    trust: ProjectTrust

    @property
    def unloaded_targets(self) -> frozenset[str]:
        """The targets of other packages that are not loaded, because the project is not trusted."""
        return frozenset(name for name, target in self.targets.items() if not target.is_loaded)


def read_config(root: Path) -> Config:
    """Reads and checks a project file.

    Raises:
        UserError, ErrorGroup: `config_invalid`, all mistakes at once.
    """
    try:
        raw = RootFolder(root).read_source(PROJECT_FILE, limits.SPEC_BYTES)
        text = raw.decode("utf-8")
        document = parse_toml(text.removeprefix("\ufeff"))
    except OSError as error:
        raise _config_error(f"cannot be read: {reason_of(error)}", Where(PROJECT_FILE)) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _config_error("is not UTF-8 text", Where(PROJECT_FILE, line, 1), "Save it as UTF-8.") from error
    except TomlError as error:
        raise _config_error(
            f"is not valid TOML: {error.message}", Where(PROJECT_FILE, error.line, error.column), error.hint
        ) from error
    return _check_tables(root, document.data, ConfigErrors(KeyPositions(document)), hashlib.sha256(raw).hexdigest())


def _config_error(message: str, where: Where, hint: str = "") -> UserError:
    return UserError("config_invalid", f"{PROJECT_FILE} {message}", hint=hint, where=where)


class ConfigErrors:
    """The mistakes of a project file, each with its place: all of them are shown at once."""

    def __init__(self, positions: KeyPositions, file: str = PROJECT_FILE) -> None:
        """file: what the places name."""
        self._positions = positions
        self._file = file
        self._errors: list[BridgeError] = []

    def where(self, path: KeyPath) -> Where:
        """The place of a key, or of the table above it."""
        for length in range(len(path), 0, -1):
            position = self._positions.locate(path[:length])
            if position is not None:
                return Where(self._file, *position, ".".join(str(part) for part in path))
        return Where(self._file, 1, 1, ".".join(str(part) for part in path) or None)

    def add(self, path: KeyPath, message: str, hint: str = "", code: str = "config_invalid") -> None:
        """Notes a mistake and goes on."""
        self._errors.append(UserError(code, message, hint=hint, where=self.where(path)))

    def add_unknown(self, path: KeyPath, names: Iterable[str]) -> None:
        """An unknown key with the nearest valid one."""
        key, known = str(path[-1]), list(names)
        close = difflib.get_close_matches(key, known, n=1)
        self.add(
            path,
            f"{key} is not known here",
            f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}.",
        )

    def raise_all(self) -> None:
        """Ends the reading where there was a mistake.

        Raises:
            UserError, ErrorGroup: what was noted.
        """
        if self._errors:
            raise self._errors[0] if len(self._errors) == 1 else ErrorGroup(self._errors)


def _check_tables(root: Path, data: Mapping[str, Any], errors: ConfigErrors, sha256: str) -> Config:
    """The checked configuration."""
    for key, value in data.items():
        if key not in _TABLES:
            errors.add_unknown((key,), _TABLES)
        elif not isinstance(value, dict):
            errors.add((key,), f"{key} must be a table: [{key}]")
    tables = {name: _as_table(data.get(name)) for name in _TABLES}
    trust = _find_trust(root, tables)
    project = _check_options(("project",), tables["project"], PROJECT, errors)
    if "project" not in data:
        errors.add((), "there is no [project] table", "It holds name, id and specs; `assetbridge init` writes one.")
    else:
        _check_required(("project",), "[project]", tables["project"], PROJECT, errors)
    targets = _check_targets(root, tables["targets"], errors)
    providers = {}
    for name, value in tables["providers"].items():
        if isinstance(value, dict):
            providers[name] = _check_options(("providers", name), value, PROVIDER, errors)
        else:
            errors.add(("providers", name), f"providers.{name} must be a table")
    webhooks = _check_options(("webhooks",), tables["webhooks"], WEBHOOKS, errors)
    budget = check_budget(tables["budget"], errors)
    store = _check_options(("store",), tables["store"], STORE, errors)
    lint = _check_options(("lint",), tables["lint"], LINT, errors)
    errors.raise_all()
    return Config(
        root,
        project.get("name", root.name),
        project["id"],
        tuple(project.get("specs", [SPEC_PATTERN])),
        tables["defaults"],
        targets,
        providers,
        budget,
        lint,
        webhooks,
        store,
        sha256,
        errors.where,
        trust,
    )


def _find_trust(root: Path, tables: Mapping[str, Mapping[str, Any]]) -> ProjectTrust:
    """The trust in these settings; from now on it decides whether other people's packages are loaded."""
    project_id = tables["project"].get("id")
    trust = ProjectTrust(root, project_id if isinstance(project_id, str) else "", lambda: list_requests(root, tables))
    plug_ins.follow_project(trust)
    registry.guard_added(plug_ins.refuse_plug_in)
    return trust


def _as_table(value: Any) -> dict[str, Any]:
    """A top-level table, empty when it is missing or wrong."""
    return value if isinstance(value, dict) else {}


def _check_options(path: KeyPath, table: Mapping[str, Any], options: Options, errors: ConfigErrors) -> dict[str, Any]:
    """What a table says with known keys of the right types."""
    checked = {}
    for key, value in table.items():
        if key not in options:
            errors.add_unknown((*path, key), options)
        elif not options[key].value.accepts(value):
            errors.add((*path, key), f"{key} must be {options[key].value.words}")
        else:
            checked[key] = value
    return checked


def _check_required(
    path: KeyPath, title: str, table: Mapping[str, Any], options: Options, errors: ConfigErrors
) -> None:
    for option in missing_options(table, options):
        errors.add(path, f"{title} has no {option.name}", option.if_missing)


def check_budget(tables: Mapping[str, Any], errors: ConfigErrors) -> dict[str, dict[str, Any]]:
    """`[budget] PROVIDER = { unit, per_build, per_day }`."""
    budget = {}
    for name, value in tables.items():
        path = ("budget", name)
        if not isinstance(value, dict):
            errors.add(path, f'budget.{name} must be a table like {{ unit = "generations", per_day = 100 }}')
            continue
        budget[name] = _check_options(path, value, BUDGET, errors)
        _check_required(path, f"budget.{name}", value, BUDGET, errors)
    return budget


def _check_targets(root: Path, tables: Mapping[str, Any], errors: ConfigErrors) -> dict[str, TargetConfig]:
    """`[targets.NAME]`, each with an output folder of its own: all name their pictures after the asset."""
    targets: dict[str, TargetConfig] = {}
    for name, value in tables.items():
        path = ("targets", name)
        if not registry.is_target(name):
            errors.add_unknown(path, registry.target_names())
        elif not isinstance(value, dict):
            errors.add(path, f"targets.{name} must be a table")
        else:
            try:
                declared = registry.get_target(name)
            except TargetNotLoaded:
                declared = None
            except TargetError as error:
                errors.add(path, error.message, error.hint)
                continue
            target = _check_target(root, declared, value, errors) if declared else _check_unloaded(name, value, errors)
            if target is not None:
                targets[name] = target
    taken: dict[str, str] = {}
    for name, target in targets.items():
        first = taken.setdefault(target.path.casefold(), name)
        if first != name:
            errors.add(
                ("targets", name, "output"),
                f"{name} and {first} have the same output folder {target.path}",
                "Give each target a folder of its own.",
            )
    return targets


def _check_target(
    root: Path, declared: ExportTarget, value: Mapping[str, Any], errors: ConfigErrors
) -> TargetConfig | None:
    """One target, with its folders inside the project and the engine's root."""
    path = ("targets", declared.name)
    table = _check_options(path, value, target_options(declared), errors)
    engine_root = _check_folder((*path, "root"), table.pop("root", "."), errors)
    output = _check_folder((*path, "output"), table.pop("output", declared.default_output), errors)
    if engine_root is None or output is None:
        return None
    below = declared.output_below
    if below and output.split("/")[0] != below:
        message = f"{declared.title} reads only what lies in {below}/"
        errors.add((*path, "output"), message, f'Set output = "{below}/{output}".')
        return None
    if declared.name == "unity" and "version" not in table and (version := read_editor_version(root, engine_root)):
        table["version"] = version
    target = TargetConfig(declared.name, engine_root, output, table)
    real, top = os.path.realpath(root / target.path), os.path.realpath(root)
    if os.path.commonpath([real, top]) != top:
        errors.add(
            (*path, "output"),
            f"the folder {target.path} is a link that leads out of the project",
            "Use a real folder inside the project.",
            code="output_outside",
        )
        return None
    return target


def _check_unloaded(name: str, value: Mapping[str, Any], errors: ConfigErrors) -> TargetConfig | None:
    """A target whose package is not loaded: its folders lie inside the project, and more nobody can say."""
    path = ("targets", name)
    folders = [value.get(key, default) for key, default in (("root", "."), ("output", f"export_{name}"))]
    texts = [folder if isinstance(folder, str) else "." for folder in folders]
    engine_root = _check_folder((*path, "root"), texts[0], errors)
    output = _check_folder((*path, "output"), texts[1], errors)
    if engine_root is None or output is None:
        return None
    return TargetConfig(name, engine_root, output, is_loaded=False)


def _check_folder(path: KeyPath, text: str, errors: ConfigErrors) -> str | None:
    """A project-relative folder, normalised."""
    parts: list[str] = []
    leads_out = text.startswith(("/", "\\", "~")) or "\\" in text or text[1:2] == ":" or not text.isprintable()
    for part in text.split("/"):
        if part == ".." and not parts:
            leads_out = True
        elif part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    if leads_out:
        errors.add(
            path,
            f"{path[-1]} = {text!r} leads out of the project",
            "Use a folder inside the project, with `/`; put assetbridge.toml higher up if need be.",
            code="output_outside",
        )
        return None
    return "/".join(parts) or "."

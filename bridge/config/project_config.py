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

from bridge.config.options import BUDGET, DEFAULT_OUTPUT, LINT, PROJECT, PROVIDER, TARGET, TARGETS, WEBHOOKS, Option
from bridge.config.unity_project import editor_version
from bridge.core.errors import BridgeError, ErrorGroup, UserError, Where
from bridge.core.paths import PROJECT_FILE, SPEC_PATTERN
from bridge.core.toml import KeyPositions, TomlDocument, TomlError, parse_toml

_TABLES = ("project", "defaults", "targets", "providers", "webhooks", "budget", "lint")


@dataclass(frozen=True, slots=True)
class Target:
    """A `[targets.NAME]` table. `root` is the engine's folder, `output` lies under it; both with `/`."""

    name: str
    root: str
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The output folder relative to the project."""
        if self.root in ("", "."):
            return self.output
        return self.root if self.output in ("", ".") else f"{self.root}/{self.output}"


@dataclass(frozen=True, slots=True)
class Config:
    """The project file. `sha256` is over its bytes; `where` places its keys for errors."""

    root: Path
    name: str
    id: str
    spec_patterns: tuple[str, ...]
    defaults: Mapping[str, Any]
    targets: Mapping[str, Target]
    providers: Mapping[str, Mapping[str, Any]]
    budget: Mapping[str, Any]
    lint: Mapping[str, Any]
    webhooks: Mapping[str, Any]
    sha256: str
    where: Callable[[tuple[str | int, ...]], Where]


def read_config(root: Path) -> Config:
    """Reads and checks a project file.

    Raises:
        UserError, ErrorGroup: `config_invalid`, all mistakes at once.
    """
    try:
        raw = (root / PROJECT_FILE).read_bytes()
        text = raw.decode("utf-8")
        document = parse_toml(text.removeprefix("\ufeff"))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise _error(f"cannot be read: {reason}", Where(PROJECT_FILE)) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _error("is not UTF-8 text", Where(PROJECT_FILE, line, 1), "Save it as UTF-8.") from error
    except TomlError as error:
        raise _error(f"is not valid TOML: {error.message}", Where(PROJECT_FILE, error.line, error.column)) from error
    return _Reader(root, document, hashlib.sha256(raw).hexdigest()).config()


def _error(message: str, where: Where, hint: str = "") -> UserError:
    return UserError("config_invalid", f"{PROJECT_FILE} {message}", hint=hint, where=where)


class _Reader:
    def __init__(self, root: Path, document: TomlDocument, sha256: str) -> None:
        self.root = root
        self.data = document.data
        self.sha256 = sha256
        self.positions = KeyPositions(document)
        self.errors: list[BridgeError] = []

    def where(self, path: tuple[str | int, ...]) -> Where:
        """The place of a key, or of the table above it."""
        for length in range(len(path), 0, -1):
            place = self.positions.locate(path[:length])
            if place is not None:
                return Where(PROJECT_FILE, *place, ".".join(str(part) for part in path))
        return Where(PROJECT_FILE, 1, 1, ".".join(str(part) for part in path) or None)

    def fail(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        """Notes a mistake and goes on, so that all are shown at once."""
        self.errors.append(UserError("config_invalid", message, hint=hint, where=self.where(path)))

    def config(self) -> Config:
        """The checked configuration."""
        for key, value in self.data.items():
            if key not in _TABLES:
                self.unknown((key,), _TABLES)
            elif not isinstance(value, dict):
                self.fail((key,), f"{key} must be a table: [{key}]")
        project = self.table("project", PROJECT)
        if "project" not in self.data:
            self.fail((), "there is no [project] table", "It holds name, id and specs; `assetbridge init` writes one.")
        elif "id" not in self.tables("project"):
            self.fail(("project",), "[project] has no id", 'Add id = "8 letters or digits": it salts every uid.')
        targets = {name: target for name in self.tables("targets") if (target := self.target(name)) is not None}
        self.apart(targets)
        providers = self.providers()
        webhooks = self.table("webhooks", WEBHOOKS)
        defaults = self.tables("defaults")
        budget = self.budget()
        lint = self.table("lint", LINT)
        if self.errors:
            raise self.errors[0] if len(self.errors) == 1 else ErrorGroup(self.errors)
        return Config(
            self.root,
            project.get("name", self.root.name),
            project["id"],
            tuple(project.get("specs", [SPEC_PATTERN])),
            defaults,
            targets,
            providers,
            budget,
            lint,
            webhooks,
            self.sha256,
            self.where,
        )

    def tables(self, name: str) -> dict[str, Any]:
        """A top-level table, empty when it is missing or wrong."""
        value = self.data.get(name, {})
        return value if isinstance(value, dict) else {}

    def unknown(self, path: tuple[str | int, ...], known: Iterable[str]) -> None:
        """An unknown key with the nearest valid one."""
        key = str(path[-1])
        names = list(known)
        close = difflib.get_close_matches(key, names, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(names)}."
        self.fail(path, f"{key} is not known here", hint)

    def checked(
        self, path: tuple[str | int, ...], table: Mapping[str, Any], rules: Mapping[str, Option]
    ) -> dict[str, Any]:
        """A table with only known keys of the right types."""
        found = {}
        for key, value in table.items():
            if key not in rules:
                self.unknown((*path, key), rules)
            elif not rules[key].check(value):
                self.fail((*path, key), f"{key} must be {rules[key].takes}")
            else:
                found[key] = value
        return found

    def table(self, name: str, rules: Mapping[str, Option]) -> dict[str, Any]:
        """A checked top-level table."""
        return self.checked((name,), self.tables(name), rules)

    def providers(self) -> dict[str, dict[str, Any]]:
        """`[providers.X]` tables; names of entry-point providers are allowed."""
        found = {}
        for name, value in self.tables("providers").items():
            if isinstance(value, dict):
                found[name] = self.checked(("providers", name), value, PROVIDER)
            else:
                self.fail(("providers", name), f"providers.{name} must be a table")
        return found

    def budget(self) -> dict[str, dict[str, Any]]:
        """`[budget] PROVIDER = { unit, per_build, per_day }`."""
        found = {}
        for name, value in self.tables("budget").items():
            path = ("budget", name)
            if not isinstance(value, dict):
                self.fail(path, f'budget.{name} must be a table like {{ unit = "generations", per_day = 100 }}')
                continue
            found[name] = self.checked(path, value, BUDGET)
            if "unit" not in value:
                self.fail(path, f"budget.{name} has no unit", 'For example unit = "generations".')
        return found

    def target(self, name: str) -> Target | None:
        """One target, with its folders inside the project and the engine's root."""
        path = ("targets", name)
        value = self.tables("targets")[name]
        if name not in TARGETS:
            self.unknown(path, TARGETS)
            return None
        if not isinstance(value, dict):
            self.fail(path, f"targets.{name} must be a table")
            return None
        table = self.checked(path, value, TARGET[name])
        root = self.folder((*path, "root"), table.get("root", "."))
        output = self.folder((*path, "output"), table.get("output", DEFAULT_OUTPUT[name]))
        if root is None or output is None:
            return None
        if name == "unity" and output.split("/")[0] != "Assets":
            self.fail((*path, "output"), "Unity reads only what lies in Assets/", f'Set output = "Assets/{output}".')
            return None
        options = {key: item for key, item in table.items() if key not in ("root", "output")}
        if name == "unity" and "version" not in options and (version := editor_version(self.root / root)):
            options["version"] = version
        return self.inside(path, Target(name, root, output, options))

    def apart(self, targets: Mapping[str, Target]) -> None:
        """Refuses two targets with one output folder: both name their pictures after the asset."""
        taken: dict[str, str] = {}
        for name, target in targets.items():
            other = taken.setdefault(target.path.casefold(), name)
            if other != name:
                self.fail(
                    ("targets", name, "output"),
                    f"{name} and {other} have the same output folder {target.path}",
                    "Give each target a folder of its own.",
                )

    def folder(self, path: tuple[str | int, ...], text: str) -> str | None:
        """A project-relative folder, normalised."""
        parts: list[str] = []
        bad = text.startswith(("/", "\\", "~")) or "\\" in text or text[1:2] == ":" or not text.isprintable()
        for part in text.split("/"):
            if part == ".." and not parts:
                bad = True
            elif part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        if bad:
            self.errors.append(
                UserError(
                    "output_outside",
                    f"{path[-1]} = {text!r} leads out of the project",
                    hint="Use a folder inside the project, with `/`; put assetbridge.toml higher up if need be.",
                    where=self.where(path),
                )
            )
            return None
        return "/".join(parts) or "."

    def inside(self, path: tuple[str | int, ...], target: Target) -> Target | None:
        """Refuses a target whose folder is a link to outside."""
        real, top = os.path.realpath(self.root / target.path), os.path.realpath(self.root)
        if os.path.commonpath([real, top]) != top:
            self.errors.append(
                UserError(
                    "output_outside",
                    f"the folder {target.path} is a link that leads out of the project",
                    hint="Use a real folder inside the project.",
                    where=self.where((*path, "output")),
                )
            )
            return None
        return target

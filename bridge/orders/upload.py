"""Pictures on the web, for providers that take addresses only: `[providers.NAME] upload_command` of assetbridge.toml.

The command is yours: it gets a picture file, puts it where the provider can fetch it, and prints its https address as
the last line. It runs without a shell, only while an approved order is written, never while a plan is made. Its program
is one on PATH or an absolute path, never one in the project, and it runs in the temporary folder of the picture.
"""

from __future__ import annotations

import hashlib
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bridge.core.errors import UserError, Where
from bridge.core.paths import PROJECT_FILE
from bridge.core.programs import find_program, run_program
from bridge.providers import registry
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.config.project_config import Config

TIMEOUT = 120.0
"""Seconds after which the command is stopped."""
PLACE = "{file}"
_LONGEST = 2048
_SUFFIXES = ((b"\xff\xd8", ".jpg"), (b"GIF8", ".gif"), (b"RIFF", ".webp"))


def upload_picture(
    picture: bytes, command: str, root: Path, *, hidden: frozenset[str], timeout: float = TIMEOUT
) -> str:
    """The https address that the command prints for a picture.

    command: words as in a POSIX shell; `{file}` stands for the file's path, which else comes last. root: the project's
    folder, in which no program is looked for. hidden: names of environment variables that it does not get (API keys).

    Raises:
        UserError: `upload_failed`.
    """
    with tempfile.TemporaryDirectory(prefix="assetbridge-") as folder:
        # Named by its content: uploading it again may overwrite the same file, and a name cannot leak a path.
        path = Path(folder) / f"{hashlib.sha256(picture).hexdigest()[:32]}{_suffix(picture)}"
        path.write_bytes(picture)
        try:
            words = _words(command, str(path), root)
            done = run_program(words, timeout=timeout, folder=Path(folder), hidden=hidden)
        except TimeoutError:
            raise _upload_failed(f"did not end within {timeout:g} seconds") from None
        except (OSError, ValueError) as error:
            raise _upload_failed(f"could not be started: {getattr(error, 'strerror', None) or error}") from None
    if done.returncode != 0:
        said = _last_line(done.stderr) or _last_line(done.stdout)
        failure = _upload_failed(f"ended with code {done.returncode}" + (f": {said}" if said else ""))
        relative = next((word for word in words if not Path(word).is_absolute() and (root / word).is_file()), None)
        if relative is not None:
            failure.hint = f"It runs in a folder of its own: write {relative} as an absolute path. Nothing was ordered."
        raise failure
    return check_url(_last_line(done.stdout))


def _suffix(picture: bytes) -> str:
    return next((suffix for magic, suffix in _SUFFIXES if picture.startswith(magic)), ".png")


def _words(command: str, path: str, root: Path) -> list[str]:
    words = shlex.split(command)
    if not words:
        raise ValueError("it is empty")
    program = find_program(words[0], outside=root)
    if program is None:
        raise _no_program(words[0])
    words[0] = program
    return [word.replace(PLACE, path) for word in words] + ([] if PLACE in command else [path])


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][: _LONGEST + 1] if lines else ""


def check_url(text: str) -> str:
    """An https address without credentials, blanks or control characters.

    Raises:
        UserError: `upload_failed`.
    """
    try:
        parts = urlsplit(text)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        good = False
    if not good or len(text) > _LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise _upload_failed(f"printed no https address but {text[:80]!r}")
    return text


def _upload_failed(why: str) -> UserError:
    return UserError(
        "upload_failed",
        f"upload_command {why}",
        hint="It gets a picture file and has to print its https address as its last line. Nothing was ordered.",
    )


def _no_program(name: str) -> UserError:
    return UserError(
        "upload_failed",
        f"upload_command could not be started: there is no program {name[:80]!r} on PATH, outside of the project",
        hint="Name a program on PATH or an absolute path; nothing in the project's folder is run. Nothing was ordered.",
    )


def upload_for_provider(picture: bytes, provider: str, config: Config) -> str:
    """The address of a picture by the command of a provider.

    Raises:
        NeedsDecision: `not_trusted`.
        UserError: `upload_failed`.
    """
    config.trust.require(Gate.UPLOADS)
    tables = config.providers
    apis = {one.name: one.api for one in registry.usable() if hasattr(one, "api")}
    hidden = {tables.get(name, {}).get("api_key_env", api.key_env) for name, api in apis.items()}
    try:
        command = str(tables[provider]["upload_command"])
    except KeyError:
        raise _upload_failed(f"of {provider} is not set") from None
    try:
        return upload_picture(picture, command, config.root, hidden=frozenset(hidden))
    except UserError as error:
        error.where = Where(PROJECT_FILE, field=f"providers.{provider}.upload_command")
        raise

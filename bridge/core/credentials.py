"""API keys: environment → OS keyring (extra `keyring`) → credentials file of mode 0600. Nothing else ever holds a key.

Specs, lock, journal, logs and events know the *name* of a key and a fingerprint (12 hex of its sha256), which tells two
accounts apart and cannot be turned back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.core.errors import UserError
from bridge.core.redact import known_secrets, remember_secret
from bridge.core.root_folder import RootFolder
from bridge.core.user_files import user_folder

SERVICE = "assetbridge"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key and where it was found (`environment`, `keyring`, `credentials file`). Its text is never shown."""

    name: str
    source: str
    value: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """12 hex digits that name the account without giving the key away."""
        return hashlib.sha256(self.value.encode()).hexdigest()[:12]


def live_keys() -> frozenset[str]:
    """Every key that was read in this process, for redaction."""
    return known_secrets()


def credentials_path() -> Path:
    """The credentials file in the user's configuration folder."""
    return user_folder() / "credentials.json"


def find_key(provider: str, name: str, environment: Mapping[str, str] | None = None) -> ApiKey | None:
    """The key of a provider; `name` is that of its environment variable.

    Raises:
        UserError: `key_unreadable`: the credentials file can be read by others, or is damaged.
    """
    value = (os.environ if environment is None else environment).get(name, "").strip()
    source = "environment"
    if not value:
        value, source = _from_keyring(name), "keyring"
    if not value:
        value, source = _from_file(name), "credentials file"
    if not value:
        return None
    if not value.isascii() or any(character.isspace() for character in value):
        raise UserError(
            "key_unreadable",
            f"the key in {name} ({source}) has blanks or other characters that a key cannot have",
            hint=f"Copy it again: assetbridge providers login {provider}",
        )
    remember_secret(value)
    return ApiKey(name, source, value)


def require_key(provider: str, name: str, account_url: str = "") -> ApiKey:
    """The key, or a clear error.

    Raises:
        UserError: `key_missing`.
    """
    key = find_key(provider, name)
    if key is None:
        source = f" (make one at {account_url})" if account_url else ""
        raise UserError(
            "key_missing",
            f"there is no API key for {provider}",
            hint=f"Set the environment variable {name}, or run: assetbridge providers login {provider}{source}",
        )
    return key


def _from_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    # A machine without a screen often has no keyring service: that is no error, the file is asked next.
    with contextlib.suppress(KeyringError, RuntimeError, OSError):
        return (keyring.get_password(SERVICE, name) or "").strip()
    return ""


def _from_file(name: str) -> str:
    path = credentials_path()
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError:
        return ""
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise UserError(
            "key_unreadable",
            f"the credentials file {_home_relative(path)} can be read by other users",
            hint=f"chmod 600 {_home_relative(path)}",
        )
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UserError(
            "key_unreadable",
            f"the credentials file {_home_relative(path)} is damaged",
            hint="Delete it and log in again.",
        ) from error
    value = data.get(name, "") if isinstance(data, dict) else ""
    return value.strip() if isinstance(value, str) else ""


def save_key(name: str, value: str) -> str:
    """Keeps a key in the OS keyring, else in the credentials file; returns where."""
    remember_secret(value)
    try:
        import keyring
        from keyring.errors import KeyringError

        with contextlib.suppress(KeyringError, RuntimeError, OSError):
            keyring.set_password(SERVICE, name, value)
            return "keyring"
    except ImportError:
        pass
    path = credentials_path()
    data: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        data = json.loads(path.read_text(encoding="utf-8"))
    data[name] = value
    RootFolder(path.parent).write(path.name, json.dumps(data, indent=1, sort_keys=True).encode(), private=True)
    return "credentials file"


def _home_relative(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except ValueError:
        return path.name

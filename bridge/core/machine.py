"""The secret of this machine and user: it tells the databases that were begun here from those that came with a folder.

`<user config>/assetbridge/machine.json` keeps 256 random bits, made on first use and shown to nobody. A mark is a keyed
hash under them (RFC 7693, section 2.9): whoever does not know the secret cannot make one.
"""

from __future__ import annotations

import hashlib
import json
import os

from bridge.core.errors import UserError
from bridge.core.user_files import create_user_file, read_user_file, show_user_path

_FILE = "machine.json"
_SECRET_BYTES = 32


def sign_text(purpose: str, text: str) -> str:
    """The mark of this machine and user on a text, 64 hex digits. purpose: what it is good for, and for nothing else.

    Raises:
        UserError: `settings_unsafe`, or `settings_unusable`: the secret cannot be read or kept.
    """
    message = f"{purpose}\0{text}".encode()
    return hashlib.blake2b(message, key=_read_secret(), digest_size=32, person=b"assetbridge").hexdigest()


def _read_secret() -> bytes:
    try:
        data = read_user_file(_FILE)
        if data is None:
            fresh = json.dumps({"secret": os.urandom(_SECRET_BYTES).hex()}) + "\n"
            data = create_user_file(_FILE, fresh.encode())
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            "settings_unusable",
            f"the user's settings cannot be kept: {reason}",
            hint="Make ~/.config/assetbridge writable, or name a folder for it with XDG_CONFIG_HOME.",
        ) from error
    try:
        secret = bytes.fromhex(json.loads(data)["secret"])
    except (ValueError, KeyError, TypeError):
        secret = b""
    if len(secret) != _SECRET_BYTES:
        shown = show_user_path(_FILE)
        raise UserError(
            "settings_unusable",
            f"{shown} is damaged",
            hint=f"Take it from a backup, or delete it; then take your projects' databases over: {_WAY_OUT}",
        )
    return secret


_WAY_OUT = "assetbridge trust"

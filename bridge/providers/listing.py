"""Who can make art, for which kinds, and whether a key is there (never the key itself)."""

from __future__ import annotations

from typing import Any, cast

from bridge.core import credentials as secrets
from bridge.core.errors import NeedsDecision, UserError
from bridge.providers import registry
from bridge.providers.paid import PaidProvider


def listing() -> list[dict[str, Any]]:
    """`{name, kinds, offline, available, error: null | {code, message, …}, key: null | {name, present, source}}` of
    every provider; one of another package that cannot be used is not available, and says why.

    Raises:
        UserError: `key_unreadable`.
    """
    return [_row(name) for name in registry.names()]


def _row(name: str) -> dict[str, Any]:
    try:
        provider = registry.get(name)
    except (UserError, NeedsDecision) as error:
        return {
            "name": name,
            "kinds": [],
            "offline": False,
            "available": False,
            "error": error.as_dict(),
            "key": None,
        }
    key = None
    if not provider.offline:
        env = cast("PaidProvider", provider).api.key_env
        key_source = secrets.find_key(name, env)
        key = {"name": env, "present": key_source is not None, "source": key_source.source if key_source else None}
    kinds = sorted(provider.kinds)
    return {"name": name, "kinds": kinds, "offline": provider.offline, "available": True, "error": None, "key": key}

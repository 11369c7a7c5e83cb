"""Who can make art, for which kinds, and whether a key is there (never the key itself)."""

from __future__ import annotations

from typing import Any, cast

from bridge import secrets
from bridge.providers import registry
from bridge.providers.paid import PaidProvider


def listing() -> list[dict[str, Any]]:
    """`{name, kinds, offline, available, key: null | {name, present, source}}` of every provider.

    Raises:
        UserError: `key_unreadable`.
    """
    rows: list[dict[str, Any]] = []
    for name in registry.KNOWN:
        provider = registry.get(name)
        key = None
        if not provider.offline:
            env = cast("PaidProvider", provider).api.key_env
            found = secrets.find(name, env)
            key = {"name": env, "present": found is not None, "source": found.source if found else None}
        kinds = sorted(provider.kinds)
        rows.append({"name": name, "kinds": kinds, "offline": provider.offline, "available": True, "key": key})
    for name in registry.PAID:
        if name not in registry.KNOWN:
            kinds = sorted(registry.PAID_KINDS[name])
            rows.append({"name": name, "kinds": kinds, "offline": False, "available": False, "key": None})
    return rows

"""A paid provider ready for use: its adapter, the key, and the project's settings for it."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from bridge.core import credentials as secrets
from bridge.core.errors import UserError
from bridge.http.api import Api
from bridge.providers import registry
from bridge.providers.paid import PaidProvider, RateLimits
from bridge.trust.project_trust import NO_PROJECT, Gate, ProjectTrust

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.model import OrderRequest


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """How one provider is reached in this project. `trust` is asked again before anything is sent."""

    provider: PaidProvider
    api: Api
    limits: RateLimits
    key: secrets.ApiKey
    trust: ProjectTrust = NO_PROJECT


def provider_settings(config: Config, name: str) -> tuple[PaidProvider, Api, RateLimits]:
    """The adapter with `[providers.NAME]` applied; no key is looked for.

    Raises:
        NeedsDecision: `not_trusted`: nothing that a stranger's project says of a provider is used.
        UserError: `config_invalid`: base_url is no http(s) URL.
    """
    config.trust.require(Gate.KEYS)
    provider = cast("PaidProvider", registry.get(name))
    table = config.providers.get(name, {})
    api, limits = provider.api, provider.limits
    url = table.get("base_url", api.base_url).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UserError(
            "config_invalid",
            f"base_url of {name} must be a URL like {api.base_url}",
            where=config.where(("providers", name, "base_url")),
        )
    here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "http" and not here:
        raise UserError(
            "config_invalid",
            f"base_url of {name} is not https: the key would travel in the open",
            hint="Use https; plain http is allowed for a server on this machine only.",
            where=config.where(("providers", name, "base_url")),
        )
    if here:
        # A server on this machine is a stand-in for tests: there is no reason to ask it seldom.
        limits = dataclasses.replace(limits, poll_first=0.02, poll=0.02, poll_most=0.2, search_delay=0.1)
    api = dataclasses.replace(api, base_url=url, key_env=table.get("api_key_env", api.key_env))
    return provider, api, dataclasses.replace(limits, concurrent=table.get("max_concurrent", limits.concurrent))


def open_public_access(config: Config, name: str) -> ProviderAccess:
    """A provider, for what it tells everybody: with the key where there is one.

    Raises:
        NeedsDecision: `not_trusted`.
        UserError: `key_unreadable`, `config_invalid`.
    """
    provider, api, limits = provider_settings(config, name)
    return ProviderAccess(
        provider,
        api,
        limits,
        secrets.find_key(name, api.key_env) or secrets.ApiKey(api.key_env, "", ""),
        config.trust,
    )


def open_access(config: Config, name: str) -> ProviderAccess:
    """A provider with its key.

    Raises:
        NeedsDecision: `not_trusted`.
        UserError: `key_missing`, `key_unreadable`, `config_invalid`.
    """
    provider, api, limits = provider_settings(config, name)
    return ProviderAccess(provider, api, limits, secrets.require_key(name, api.key_env, api.account_url), config.trust)


async def require_decoder(access: ProviderAccess, request: OrderRequest) -> None:
    """What would be paid for has to be of use here. A decoder may take a while to load.

    Raises:
        UserError: `missing_extra`.
    """
    require = getattr(access.provider, "require_decoder", None)
    if require is None:
        return
    try:
        await asyncio.to_thread(require, request.step)
    except UserError as error:
        message = f"{request.asset}: {request.step.key} was not ordered: {error.message}"
        raise UserError(error.code, message, hint=error.hint) from error

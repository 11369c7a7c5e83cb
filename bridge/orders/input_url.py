"""The web address of a picture that an order names: where its provider keeps it, else where your command puts it."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from bridge.core.credentials import ApiKey
from bridge.core.errors import UserError
from bridge.http.outcome import TransportError
from bridge.media.images import decode_still, pixel_hash
from bridge.orders.access import open_public_access, provider_settings
from bridge.orders.kept_urls import list_live_urls
from bridge.orders.runner.connection import open_connection
from bridge.orders.upload import upload_for_provider
from bridge.providers.api import NO_ADDRESS_HINT

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.core.clock import Clock
    from bridge.orders.journal import Journal
    from bridge.orders.model import KeptUrl
    from bridge.providers.api import Input

MOST_PICTURE = 64_000_000


async def url_for_input(
    picture: bytes, item: Input, provider: str, config: Config, journal: Journal, clock: Clock
) -> str:
    """An https address for an input that `provider` takes by address. picture: what the input holds.

    An address where the picture was delivered is looked at before it is sent: a paid order whose picture cannot be
    fetched would be money for nothing.

    Raises:
        UserError: `source_needs_address`, `upload_failed`; nothing was ordered.
    """
    for kept in list_live_urls(journal, item.sha256 or "", provider_settings(config, provider)[1].base_url):
        if await _is_still_there(kept, config, clock):
            return kept.url
        journal.kept_urls.forget(kept.url)
    if not config.providers.get(provider, {}).get("upload_command"):
        error = UserError(
            "source_needs_address",
            f"{provider} takes pictures by their web address only, and {item.ref} is not on the web (any more); "
            "nothing was ordered",
            hint=NO_ADDRESS_HINT.format(provider),
        )
        error.field = item.field
        raise error
    # In a thread: the command may take long, and answers to other orders must not wait for it.
    return await asyncio.to_thread(upload_for_provider, picture, provider, config)


async def _is_still_there(kept: KeptUrl, config: Config, clock: Clock) -> bool:
    """Whether the picture can be fetched there by somebody without our key, and is still the same."""
    access = open_public_access(config, kept.provider)
    nobody = dataclasses.replace(access, key=ApiKey(access.key.name, "", ""))
    try:
        async with open_connection(nobody, None, clock) as line:
            answer = await line.download(kept.url, most=MOST_PICTURE)
        return pixel_hash(decode_still(answer.body, "the picture")) == kept.pixels
    except (TransportError, UserError):
        return False

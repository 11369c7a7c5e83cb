"""Whether the outside reaches the receiver: the public address is asked as a provider would ask it."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge import __version__
from bridge.core.clock import SystemClock
from bridge.core.web_address import WebhookAddress, new_secret, webhook_address
from bridge.http.api import Api
from bridge.http.client import Patience, ProviderConnection
from bridge.http.outcome import Outcome
from bridge.orders.webhooks.hints import Hints
from bridge.orders.webhooks.receiver import open_socket, serve_hints
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.config.project_config import Config

_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class WebhookTrial:
    """note: what happened, for people."""

    reached: bool
    note: str


def try_webhook(config: Config) -> WebhookTrial:
    """Listens, posts to a secret address of the public URL of `[webhooks]`, and waits 5 seconds for it.

    Raises:
        NeedsDecision: `not_trusted`.
    """
    config.trust.require(Gate.WEBHOOKS)
    address = webhook_address(config.webhooks)
    if address is None:
        return WebhookTrial(False, "webhooks are off")
    try:
        listener = open_socket(address)
    except OSError as error:
        reason = error.strerror or str(error)
        return WebhookTrial(
            False,
            f"{address.host}:{address.port} cannot be listened on ({reason}); perhaps a build does so right now",
        )
    with listener:
        return asyncio.run(_post_and_wait(address, listener))


async def _post_and_wait(address: WebhookAddress, listener: socket.socket) -> WebhookTrial:
    hints, secret, clock = Hints(address.url_for), new_secret(), SystemClock()
    hints.expect(secret, 0)
    patience = Patience(connect=_PATIENCE, submit_read=_PATIENCE, submit_total=2 * _PATIENCE)
    api = Api(address.public_url, "")
    with serve_hints(hints, listener):
        async with ProviderConnection(api, "", clock, __version__, patience=patience) as line:
            sent = await line.submit(f"/{secret}", b"{}")
        came = await hints.pause(clock, 0, _PATIENCE if sent.outcome is Outcome.OK else 0.0)
    if came:
        return WebhookTrial(True, "a request to the public address arrived here")
    if sent.answer is not None:
        status = sent.answer.status
        return WebhookTrial(False, f"the public address answered with HTTP status {status}, but nothing arrived here")
    return WebhookTrial(False, f"the public address cannot be reached: {sent.detail}")

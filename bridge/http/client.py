"""The connection to a provider: the only module that imports an HTTP client (httpx).

It uses httpx's transport, not its client: a client adds what must not happen here, such as cookies, redirects, proxies
and passwords from the environment (`.netrc`, `HTTPS_PROXY`), and INFO logs of whole URLs.

What a failed paid POST means was measured with httpx 0.28: only "could not connect" proves that nothing was received.
A connection that is reset before the server reads looks exactly like one that is reset after it took the order.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import unquote, urljoin

import httpx

from bridge.core import limits
from bridge.core.clock import Clock
from bridge.core.failpoint import failpoint
from bridge.http import waits
from bridge.http.api import Api, Method
from bridge.http.body import ACCEPTED, read_whole
from bridge.http.download import DownloadRules, DownloadTarget, Resolver, follow_redirects, resolve_host
from bridge.http.outcome import Answer, Outcome, Sent, TransportError
from bridge.http.redact import without_key

MOST_ANSWER = limits.ANSWER_BYTES

BeforeRequest: TypeAlias = Callable[[], Awaitable[None]]
OnAnswer: TypeAlias = Callable[[Mapping[str, str], int], None]

_log = logging.getLogger(__name__)

_PATH = re.compile(r"(/[\w.~!$&'()*+,;=:@%-]+)+/?", re.ASCII)
_LONGEST_PATH = 4000
_KEY = re.compile(r"[\x21-\x7e]*")

# The three that prove that no byte of the request left; TLS handshakes that fail are ConnectErrors as well.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# An SSL error in the middle of an answer comes through httpx as it is; asyncio's deadline is a TimeoutError.
_FAILURES = (httpx.HTTPError, OSError)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until a request counts as failed; time that rate limits take is not counted.

    connect: of every request. submit_read, read: silence (of a paid POST: some services draw while we wait).
    submit_total, total: of one whole exchange, where bytes keep coming, but too slowly.
    """

    connect: float = 10.0
    submit_read: float = 180.0
    submit_total: float = 600.0
    read: float = 30.0
    total: float = 300.0


async def _at_once() -> None:
    """The `before_request` of a connection without a rate limit."""


def _ignore_answer(_headers: Mapping[str, str], _status: int) -> None:
    """The `on_answer` of a connection to which nobody listens."""


class ProviderConnection:
    """An open connection to one provider with one key; an async context manager. It is
    `providers.paid.FreeCalls` as well.

    version: of assetbridge, for the User-Agent. before_request: awaited before every free request, tries and redirects
    included (rate limits). on_answer: told the headers (lower case) and the status of every answer of the API itself,
    not of foreign storage hosts; what it raises is logged, because an answer may have been paid for.

    Raises:
        TransportError: `unsafe`: the base URL is neither https nor on this machine. `refused`: no header can hold
            the key.
    """

    def __init__(
        self,
        api: Api,
        key: str,
        clock: Clock,
        version: str,
        *,
        before_request: BeforeRequest = _at_once,
        on_answer: OnAnswer = _ignore_answer,
        patience: Patience = Patience(),
        resolver: Resolver = resolve_host,
    ) -> None:
        if not _KEY.fullmatch(key):
            raise TransportError("refused", "the key has characters that a key cannot have")
        self._api = api
        self._key = key
        self._clock = clock
        self._before_request = before_request
        self._on_answer = on_answer
        self._patience = patience
        self._gate = DownloadRules(api.base_url, api.hosts, resolver)
        # Some storage hosts refuse the default names of HTTP libraries; this is the usual form of honest programs.
        agent = f"Mozilla/5.0 (compatible; assetbridge/{version})"
        self._common = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        name, prefix = api.key_header
        self._secret = {name: f"{prefix}{key}"} if key else {}

    async def __aenter__(self) -> Self:
        trust = httpx.create_ssl_context(trust_env=False)
        # Paid requests and downloads never share a connection. A kept one may be closed by the server just when it is
        # used again, which leaves a paid POST unknown; and it belongs to the certificate of one host, where two hosts
        # may have the same pinned address.
        single = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._single = httpx.AsyncHTTPTransport(verify=trust, trust_env=False, limits=single)
        self._kept = httpx.AsyncHTTPTransport(verify=trust, trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._single.aclose()
        await self._kept.aclose()

    async def submit(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, *, method: Method = "POST"
    ) -> Sent:
        """Sends a paid request (JSON), exactly once and on a connection of its own; never raises what the network does.

        It goes out at once: the caller waits its turn before it records the intent, so that a crash while waiting
        leaves no order in doubt.

        Raises:
            TransportError: `unsafe`: the path is no plain path; nothing was sent.
        """
        request = httpx.Request(
            method,
            self._build_url(path),
            headers={
                **self._common,
                **self._secret,
                "Connection": "close",
                "Content-Type": "application/json",
                **(headers or {}),
            },
            content=body,
            extensions=self._timeouts(self._patience.submit_read),
        )
        failpoint("submit.before_send")
        try:
            async with asyncio.timeout(self._patience.submit_total):
                answer = await self._exchange(self._single, request, MOST_ANSWER)
        except _NOT_SENT as error:
            return Sent(Outcome.NOT_SENT, detail=_translate_error(error).detail)
        except TransportError as error:
            return Sent(Outcome.UNKNOWN, detail=error.detail)
        except _FAILURES as error:
            return Sent(Outcome.UNKNOWN, detail=_translate_error(error).detail)
        failpoint("submit.answered")
        self._notify_answer(answer)
        return self._classify_answer(answer)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """A whole 2xx answer of the API, in up to four tries."""
        url = self._build_url(path)
        if params:
            url = url.copy_merge_params(params)
        return await waits.retry_while_temporary(partial(self._get_once, url), self._clock)

    async def download(self, url: str, *, most: int = MOST_ANSWER) -> Answer:
        """A file from a host that results may come from, in up to four tries.

        The rules are those of `bridge.http.download`.
        """
        return await waits.retry_while_temporary(partial(self._download_once, url, most), self._clock)

    async def _get_once(self, url: httpx.URL) -> Answer:
        request = httpx.Request(
            "GET", url, headers={**self._common, **self._secret}, extensions=self._timeouts(self._patience.read)
        )
        await self._before_request()
        try:
            async with asyncio.timeout(self._patience.total):
                answer = await self._exchange(self._kept, request, MOST_ANSWER)
        except _FAILURES as error:
            raise _translate_error(error) from None
        self._notify_answer(answer)
        return self._require_success(answer)

    async def _download_once(self, url: str, most: int) -> Answer:
        # Some services give paths on their own host; what begins with two slashes names another host and is refused.
        address = urljoin(self._api.base_url, url) if url.startswith("/") and not url.startswith("//") else url
        return self._require_success(await follow_redirects(address, self._gate, partial(self._fetch_target, most)))

    async def _fetch_target(self, most: int, target: DownloadTarget, with_key: bool) -> Answer:
        """One step of a download: the first of the pinned addresses that takes a connection."""
        await self._before_request()
        failure = TransportError("offline", "the storage host has no address")
        for address in target.addresses:
            request = self._pinned_request(target, address, self._secret if with_key else {})
            try:
                async with asyncio.timeout(self._patience.total):
                    answer = await self._exchange(self._single, request, most)
            except _NOT_SENT as error:
                failure = _translate_error(error)
            except _FAILURES as error:
                raise _translate_error(error) from None
            else:
                if target.origin == self._gate.own:
                    self._notify_answer(answer)
                return answer
        raise failure

    def _pinned_request(self, target: DownloadTarget, address: str, secret: Mapping[str, str]) -> httpx.Request:
        """A GET that goes to a numeric address, and is for a host: in its Host header and in the TLS handshake."""
        origin = target.origin
        return httpx.Request(
            "GET",
            httpx.URL(scheme=origin.scheme, host=address, port=origin.port, raw_path=target.raw_path.encode()),
            headers={**self._common, **secret, "Connection": "close", "Host": origin.authority},
            extensions={**self._timeouts(self._patience.read), "sni_hostname": origin.host},
        )

    async def _exchange(self, transport: httpx.AsyncHTTPTransport, request: httpx.Request, most: int) -> Answer:
        """Sends a request and reads the whole answer. What httpx raises goes through as it is."""
        response = await transport.handle_async_request(request)
        try:
            content = await read_whole(response.aiter_raw(), response.headers.get("content-encoding", ""), most)
        finally:
            await response.aclose()
        return without_key(Answer(response.status_code, dict(response.headers), content), self._key)

    def _build_url(self, path: str) -> httpx.URL:
        # Ids in paths come from answers: none of them may choose another host or climb out of the base URL.
        climbs = not {".", ".."}.isdisjoint(unquote(path).split("/"))
        if climbs or len(path) > _LONGEST_PATH or not _PATH.fullmatch(path):
            raise TransportError("unsafe", "an id of the provider does not fit into an address")
        return httpx.URL(self._api.base_url + path)

    def _timeouts(self, silence: float) -> dict[str, dict[str, float]]:
        connect = self._patience.connect
        return {"timeout": {"connect": connect, "pool": connect, "read": silence, "write": silence}}

    def _notify_answer(self, answer: Answer) -> None:
        try:
            self._on_answer(answer.headers, answer.status)
        except Exception:  # noqa: BLE001 (the answer in our hands is worth more than any note of it)
            _log.debug("an answer could not be noted", exc_info=True)

    def _classify_answer(self, answer: Answer) -> Sent:
        status = answer.status
        good = 200 <= status < 300
        outcome = self._api.statuses.get(status, Outcome.OK if good else Outcome.UNKNOWN)
        detail = "" if good else _describe_status(status)
        return Sent(outcome, answer, waits.asked_wait(answer.headers, self._clock.now()), detail)

    def _require_success(self, answer: Answer) -> Answer:
        status = answer.status
        if 200 <= status < 300:
            return answer
        wait = waits.asked_wait(answer.headers, self._clock.now())
        raise TransportError(
            _failure_kind(status), _describe_status(status), status=status, answer=answer, retry_after=wait
        )


def _failure_kind(status: int) -> str:
    if status in (429, 529):
        return "rate_limited"
    if status >= 500:
        return "server"
    if 300 <= status < 400:
        return "unsafe"
    # 408 and 425 say "again" by definition (RFC 9110 section 15.5.9, RFC 8470 section 5.2).
    return "interrupted" if status in (408, 425) else "refused"


def _describe_status(status: int) -> str:
    return f"the provider answered with HTTP status {status}"


def _tls_failed(error: BaseException | None) -> bool:
    """Whether a handshake is behind an error: the address is right, the certificate or something between us is not."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _translate_error(error: Exception) -> TransportError:
    """What went wrong, in own words: those of the libraries may quote headers and addresses."""
    if isinstance(error, _NOT_SENT):
        return TransportError("offline", f"no {'secure ' * _tls_failed(error)}connection could be made")
    if isinstance(error, (httpx.ReadTimeout, TimeoutError)):
        return TransportError("interrupted", "the answer did not come in time")
    if isinstance(error, (httpx.WriteError, httpx.WriteTimeout)):
        return TransportError("interrupted", "the connection broke while the request was sent")
    if isinstance(error, httpx.RemoteProtocolError):
        return TransportError("interrupted", "the connection ended before the answer was complete")
    return TransportError("interrupted", "the connection broke")

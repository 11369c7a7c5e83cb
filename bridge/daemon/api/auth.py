"""Who may speak to the daemon: one gate before any routing.

A web page can make the browser of this machine send requests to 127.0.0.1, and DNS rebinding can give the page our
address as its own (CVE-2024-28224, CVE-2025-49596, CVE-2025-24010). So, in this order:

1. `Host` is this very address (rebinding keeps the page's own name there);
2. no `Origin`, and no `Sec-Fetch-Site` but `none` or `same-origin`: programs send neither, browsers do, also for GET,
   whose answers would give prompts away;
3. the token of the runtime file as `Authorization: Bearer`, never in an address, compared in constant time;
4. `application/json` on writes, which no plain web form can send;
5. at most so many bytes, in so many seconds, as `bridge.daemon.limits` says.

No answer has a CORS header. A connection counts as a stranger's until it has shown the token, and whoever is refused
before that has to connect again.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.core.errors import BridgeError, UserError, WorkFailed
from bridge.core.paths import DAEMON_FILE
from bridge.core.visible import write_json
from bridge.daemon.build_outcomes import flatten_errors
from bridge.daemon.limits import LIMITS, Limits

# A client that is still sending reads no answer: somewhat more than the limit is taken in and thrown away.
_DRAINED_TIMES = 8
_READING = frozenset({"GET", "HEAD"})
# What a command line would end with after this error (docs/reference/errors.md).
EXIT_CODE = "x-exit-code"
PLAIN_HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}


class RequestRefused(Exception):
    """An answer instead of the application's: HTTP status and error."""

    def __init__(self, status: int, error: BridgeError) -> None:
        super().__init__(error.message)
        self.status = status
        self.error = error


def encode_error(error: BridgeError) -> bytes:
    """The one error shape: `{"error": {code, message, hint, where}}`; `errors` besides where several were found."""
    errors = [one.as_dict() for one in flatten_errors(error)]
    return write_json({"error": errors[0], **({"errors": errors} if len(errors) > 1 else {})}).encode()


class RequestGate:
    """ASGI middleware that refuses or passes requests on.

    port: what the daemon listens on. token: its secret. is_at_home: whether the project's folder is still the one that
    it was started for.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        port: int,
        token: str,
        is_at_home: Callable[[], bool] = lambda: True,
        limits: Limits = LIMITS,
    ) -> None:
        self._app = app
        self._is_at_home = is_at_home
        self._limits = limits
        self._hosts = frozenset(f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost", "[::1]"))
        self._bearer = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers refusals itself and passes the rest on."""
        if scope["type"] != "http":
            # No address takes a websocket: closing before accepting is an HTTP 403.
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        try:
            self._check_size(scope)
            headers = _single_headers(scope["headers"])
            self._check_source(headers)
            self._check_token(headers)
            _trust_connection(scope)
            self._check_home()
            if scope["method"] not in _READING:
                receive = await _read_whole_body(headers, receive, self._limits.body_bytes)
        except RequestRefused as refusal:
            is_stranger = refusal.status in (401, 403, 431, 503)
            await _send_refusal(send, refusal, close=is_stranger or _has_body(scope["headers"]))
            return
        await self._app(scope, receive, send)

    def _check_size(self, scope: Scope) -> None:
        # The server counts what is still incomplete; a header that came in one piece is counted here.
        size = len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))
        size += sum(len(name) + len(value) + 4 for name, value in scope["headers"])
        if size > self._limits.header_bytes:
            most = self._limits.header_bytes
            raise RequestRefused(431, UserError("bad_request", f"the header has more than {most} bytes"))

    def _check_source(self, headers: Mapping[bytes, bytes]) -> None:
        hint = f"Only programs on this machine may use it, under the address in {DAEMON_FILE}."
        if headers.get(b"host") not in self._hosts:
            raise RequestRefused(
                403, UserError("forbidden", "the Host header is not the daemon's own address", hint=hint)
            )
        if b"origin" in headers:
            raise RequestRefused(403, UserError("forbidden", "requests of web pages are refused", hint=hint))
        if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            raise RequestRefused(403, UserError("forbidden", "requests of other sites are refused", hint=hint))

    def _check_token(self, headers: Mapping[bytes, bytes]) -> None:
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._bearer):
            raise RequestRefused(
                401,
                UserError(
                    "unauthorized",
                    "the token is missing or wrong",
                    hint=f"Send `Authorization: Bearer TOKEN` with the token of {DAEMON_FILE}.",
                ),
            )

    def _check_home(self) -> None:
        if not self._is_at_home():
            raise RequestRefused(
                410,
                WorkFailed(
                    "daemon_failed",
                    "the project's folder was moved, deleted or replaced; its daemon ends",
                    hint="Start a daemon where the project is now: assetbridge daemon start",
                ),
            )


def _trust_connection(scope: Scope) -> None:
    connection = scope.get("state", {}).get("connection")
    if connection is not None and not connection.trust():
        raise RequestRefused(503, too_busy("connections"))


def too_busy(what: str) -> WorkFailed:
    """The daemon has as many of something as it takes."""
    return WorkFailed(
        "daemon_busy", f"the daemon has as many {what} as it takes", hint="Try again in a moment; close what is idle."
    )


def _single_headers(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by lower-case name; one that decides and comes twice is refused, for readers disagree on which counts."""
    single: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in single and name in (b"host", b"origin", b"authorization", b"content-type", b"sec-fetch-site"):
            raise RequestRefused(400, UserError("bad_request", f"the header {name.decode('latin-1')} comes twice"))
        single[name] = value
    return single


async def _read_whole_body(headers: Mapping[bytes, bytes], receive: Receive, most_bytes: int) -> Receive:
    """Reads a JSON body and returns a `receive` that gives it in one piece."""
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise RequestRefused(
            415, UserError("bad_request", "the body is not declared as JSON", hint="Content-Type: application/json")
        )
    length = headers.get(b"content-length", b"0")
    chunks: list[bytes] = []
    most_drained = _DRAINED_TIMES * most_bytes
    # Python reads no number of thousands of digits, and none of this length is small.
    size, more = 0, not (length.isdigit() and (len(length) > 15 or int(length) > most_drained))
    too_large = not more
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestRefused(400, UserError("bad_request", "the request was broken off"))
        chunk = message.get("body", b"")
        size += len(chunk)
        too_large = too_large or size > most_bytes
        if too_large:
            chunks.clear()
        else:
            chunks.append(chunk)
        more = bool(message.get("more_body")) and size <= most_drained
    if too_large:
        raise RequestRefused(413, UserError("bad_request", f"the body has more than {most_bytes} bytes"))
    body = b"".join(chunks)
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)


async def _send_refusal(send: Send, refusal: RequestRefused, *, close: bool) -> None:
    """close: ends the connection, so that nobody takes in the rest of a body that is refused."""
    body = encode_error(refusal.error)
    plain = [(name.encode(), value.encode()) for name, value in PLAIN_HEADERS.items()]
    headers: list[Any] = [*plain, (b"content-length", str(len(body)).encode())]
    if refusal.status == 503:
        headers.append((b"retry-after", b"1"))
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

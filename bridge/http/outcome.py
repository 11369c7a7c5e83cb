"""What a request came to. Written for money: the question after a paid POST is whether the other side may have got it.

```
NOT_SENT      proof that nothing was received: connection refused, connect timeout, pool timeout
REJECTED      the provider answered that it will not do it, and did not charge
RATE_LIMITED  refused for now, not charged; `retry_after` says when to come back
UNKNOWN       anything else: it may have been received and charged; never send it again blindly
OK            a whole 2xx answer
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bridge.core.json_text import parse_answer


class Outcome(StrEnum):
    """What a request came to; the table above says what each word means."""

    OK = "ok"
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    UNKNOWN = "unknown"


# Status → outcome of a paid POST where a provider's own table says nothing else; other 4xx and all 5xx are UNKNOWN.
SUBMIT_STATUSES: Mapping[int, Outcome] = {
    **dict.fromkeys((400, 401, 402, 403, 404, 405, 413, 415, 422), Outcome.REJECTED),
    429: Outcome.RATE_LIMITED,
    529: Outcome.RATE_LIMITED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer. Header names are lower case; `body` is decoded (gzip) and complete.

    request: the body that it answers, for paid POSTs: what was sent may say what the answer does not repeat.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: bytes = b""

    def json(self) -> Any:
        """The body as JSON; None when it is none. See `bridge.core.json_text.parse_answer`."""
        return parse_answer(self.body)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a paid POST.

    answer: there when a whole answer arrived (OK, REJECTED, RATE_LIMITED, and UNKNOWN for a 5xx).
    retry_after: seconds from now that the provider asks to wait, None where it does not say.
    detail: one short sentence for people, without keys and addresses.
    """

    outcome: Outcome
    answer: Answer | None = None
    retry_after: float | None = None
    detail: str = ""


@dataclass(eq=False)
class TransportError(Exception):
    """A free request (GET, download) did not work out.

    kind: `offline` (no connection), `interrupted` (connection broke or timed out: try again), `rate_limited`,
    `server` (5xx: try again), `refused` (other 4xx), `unsafe` (host, address, size or redirect is not allowed),
    `too_large`.
    """

    kind: str
    detail: str
    status: int | None = None
    answer: Answer | None = None
    retry_after: float | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may work later."""
        return self.kind in ("offline", "interrupted", "rate_limited", "server")

"""Keeping keys out of what is written down: texts, bodies of answers, log records."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from bridge.core import credentials as keys
from bridge.core.redact import MASK, redact, secret_forms
from bridge.http.outcome import Answer


def without_key(answer: Answer, key: str) -> Answer:
    """The answer with the key masked: some services quote it when they refuse it."""
    body = answer.body
    for form in secret_forms([key]):
        body = body.replace(form.encode(), MASK.encode())
    return replace(answer, headers={name: redact(value, [key]) for name, value in answer.headers.items()}, body=body)


class KeyFilter(logging.Filter):
    """Masks keys in the records of a handler, tracebacks included. `secrets` is asked for each record anew."""

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Masks a record in its place; every record passes."""
        secrets = tuple(self._secrets())
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            text = f"{record.msg} {record.args}"
        record.msg, record.args = redact(text, secrets), None
        if record.exc_info:
            # As text from here on: a handler that prints local variables would print keys.
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = redact(record.exc_text, secrets)
        if record.stack_info:
            record.stack_info = redact(record.stack_info, secrets)
        return True


def quiet_logs(secrets: Callable[[], Iterable[str]] = keys.live_keys) -> None:
    """Silences the HTTP client, which logs whole URLs at INFO, and masks keys in what all root handlers write.

    May be called again: handlers that came in the meantime get the filter too.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # A filter of a logger sees only what is logged to that very logger; one of a handler sees all that it writes.
    handlers = [*logging.getLogger().handlers, *([logging.lastResort] if logging.lastResort else [])]
    for handler in handlers:
        if not any(isinstance(known, KeyFilter) for known in handler.filters):
            handler.addFilter(KeyFilter(secrets))

"""Keys are masked wherever text leaves the program."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bridge.core.redact import redact
from bridge.http.outcome import Answer
from bridge.http.redact import KeyFilter, quiet_logs, without_key

KEY = "canary/key+0123456789"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bearer {KEY}, {KEY}", "Bearer [key], [key]"),
        ("https://x/?key=canary%2Fkey%2B0123456789&a", "https://x/?key=[key]&a"),
        ("nothing here", "nothing here"),
    ],
)
def test_secrets_are_masked_in_every_form(text: str, shown: str) -> None:
    assert redact(text, [KEY]) == shown


def test_a_secret_that_begins_with_another_is_masked_whole() -> None:
    assert redact("abcdefgh abcdefgh-ijkl", ["abcdefgh", "abcdefgh-ijkl"]) == "[key] [key]"


def test_words_too_short_for_a_key_stay() -> None:
    assert redact("a test", ["", "test"]) == "a test"


def test_quotes_in_a_secret_are_found_in_json() -> None:
    assert redact('{"detail": "bad \\"quoted\\"-key"}', ['"quoted"-key']) == '{"detail": "bad [key]"}'


def test_an_answer_is_masked_in_headers_and_body() -> None:
    masked = without_key(Answer(401, {"x-echo": f"<{KEY}>"}, f"bad {KEY} \xff".encode("latin-1")), KEY)
    assert masked == Answer(401, {"x-echo": "<[key]>"}, b"bad [key] \xff")


@pytest.fixture
def logged() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger = logging.getLogger("apart")
    logger.propagate = False
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(KeyFilter(lambda: [KEY]))
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_log_records_are_masked(logged: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = logged
    logger.warning("sent %s to %s", KEY, "there")
    logger.warning("100%% of %d", "nonsense")
    logger.warning("%(word)s", {"word": KEY})
    logger.warning("stack", stack_info=True)

    lines = stream.getvalue().splitlines()
    assert lines[0] == "sent [key] to there"
    assert "nonsense" in lines[1]
    assert lines[2] == "[key]"
    assert KEY not in stream.getvalue()


def test_tracebacks_are_masked(logged: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = logged
    try:
        raise ValueError(f"Illegal header value {KEY}")
    except ValueError:
        logger.exception("it broke")

    assert "ValueError: Illegal header value [key]" in stream.getvalue()
    assert KEY not in stream.getvalue()


def test_the_client_is_quiet_and_root_handlers_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = logging.StreamHandler(stream := io.StringIO())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(logging, "lastResort", logging.StreamHandler(io.StringIO()))
    for name in ("httpx", "httpcore"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)

    quiet_logs(lambda: [KEY])
    quiet_logs(lambda: [KEY])
    logging.getLogger("some.module").warning("the key is %s", KEY)

    assert stream.getvalue() == "the key is [key]\n"
    assert len(handler.filters) == 1
    assert logging.getLogger("httpx").level == logging.getLogger("httpcore").level == logging.WARNING

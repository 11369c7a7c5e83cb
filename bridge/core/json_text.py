"""JSON of unknown origin: bounded, and with nothing in it that other programs cannot take.

Python's reader takes more than JSON (RFC 8259): NaN and infinite numbers, halves of surrogate pairs, which no file can
hold, and any depth up to its own recursion limit. A file with one of them is refused; in the answer of a provider,
which may have been paid for, what cannot be taken is left out and the rest is kept.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from bridge.core import limits

_SURROGATE = re.compile("[\ud800-\udfff]")
_TOO_DEEP = f"its values stand in each other more than {limits.JSON_DEPTH} levels deep"


class JsonError(ValueError):
    """Why a text is not taken as JSON, for the middle of a sentence."""


def parse_json(data: bytes | str, most: int = limits.JSON_BYTES) -> Any:
    """The value of a JSON file in UTF-8, with or without a byte order mark.

    Raises:
        JsonError: it is no JSON, or beyond a limit; says where.
    """
    if len(data) > most:
        raise JsonError(limits.say_too_large(most))
    if _count_values(data) > limits.JSON_VALUES:
        raise JsonError(f"it has more than {limits.JSON_VALUES:,} values")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = _STRICT.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(f"it is not valid JSON ({error.msg}, line {error.lineno}, column {error.colno})") from error
    except UnicodeDecodeError as error:
        raise JsonError("it is not UTF-8 text") from error
    except RecursionError:
        raise JsonError(_TOO_DEEP) from None
    check_value(value)
    return value


def _count_values(data: bytes | str) -> int:
    """At least as many values as a text has; counted before an object is made of each."""
    marks = (",", "[", "{")
    return sum(data.count(mark) if isinstance(data, str) else data.count(mark.encode()) for mark in marks)


def check_value(value: Any) -> None:
    """Checks a value that may have come from anywhere: its depth, and that its texts are Unicode.

    Raises:
        JsonError: it is too deep, or a text has half of a surrogate pair.
    """
    level = [value]
    for _ in range(limits.JSON_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                if _SURROGATE.search(item):
                    raise JsonError("a text in it has half of a surrogate pair, which is no Unicode")
            elif isinstance(item, dict):
                below += item
                below += item.values()
            elif isinstance(item, list):
                below += item
        if not below:
            return
        level = below
    raise JsonError(_TOO_DEEP)


def parse_answer(data: bytes) -> Any:
    """The value of a provider's answer; None where it is no JSON or too deep.

    Numbers that are none (NaN, infinite, more than 40 digits) become None, halves of surrogate pairs U+FFFD.
    """
    if len(data) > limits.ANSWER_BYTES or _count_values(data) > limits.JSON_VALUES:
        return None
    try:
        value = _LENIENT.decode(data.decode(json.detect_encoding(data), "surrogatepass").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    try:
        check_value(value)
    except JsonError as error:
        return None if str(error) == _TOO_DEEP else _mend_texts(value)
    return value


def _mend_texts(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mend_texts(item) for item in value]
    if isinstance(value, dict):
        return {_mend_texts(key): _mend_texts(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is no number in JSON")


def _read_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonError(f"the number {text[:20]} is too large")
    return number


def _read_whole(text: str) -> int:
    if len(text) > limits.NUMBER_DIGITS:
        raise JsonError(f"a whole number has more than {limits.NUMBER_DIGITS} digits")
    return int(text)


def _float_or_none(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole_or_none(text: str) -> int | None:
    return int(text) if len(text) <= limits.NUMBER_DIGITS else None


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_read_float, parse_int=_read_whole)
_LENIENT = json.JSONDecoder(
    parse_constant=lambda _name: None,
    parse_float=_float_or_none,
    parse_int=_whole_or_none,
)

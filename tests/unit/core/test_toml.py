"""The scanner: every key and element that tomllib reads has a place, and the place is where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import UserError
from bridge.core.toml import KeyPath, KeyPositions, TomlError, parse_toml, quote_text
from tests.unit.spec.toml_writer import Writer


def paths(value: Any, prefix: KeyPath = ()) -> Iterator[KeyPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*prefix, key)
        yield from paths(item, (*prefix, key))


@given(st.data(), st.sampled_from(["\n", "\r\n"]))
def test_every_key_is_found_where_it_stands(data: st.DataObject, newline: str) -> None:
    writer = Writer(lambda options: data.draw(st.sampled_from(options)), newline)
    writer.document()
    document = parse_toml(writer.text)
    assert document.key_offsets() == writer.places
    assert set(paths(document.data)) == set(writer.places)


@given(st.text(alphabet="ab.=[]{}\"'\\# ,1\n\r\u2028é", max_size=60))
def test_any_text_is_read_as_tomllib_reads_it(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(TomlError) as caught:
            parse_toml(text)
        assert 1 <= caught.value.line <= text.count("\n") + 1
        assert caught.value.column >= 1
        assert "line" not in caught.value.message.split()
    else:
        document = parse_toml(text)
        assert document.data == expected
        assert set(paths(expected)) == set(document.key_offsets())


SPEC = """\
# comment
kind = "sprite"
size = [16,
  32]  # [not, this]

[ process . "palette one" ]
colors = ["#1a1c2c", '#ffffff']
[[items]]
name = "a"
[[items]]
name.first = \"\"\"
[[items]]
name = 3\"\"\"
[items.more]
x = { y = [1, { z = 2 }] }
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("kind",), (2, 1)),
        (("size",), (3, 1)),
        (("size", 0), (3, 9)),
        (("size", 1), (4, 3)),
        (("process",), (6, 3)),
        (("process", "palette one"), (6, 13)),
        (("process", "palette one", "colors", 1), (7, 22)),
        (("items",), (8, 3)),
        (("items", 0), (8, 1)),
        (("items", 1), (10, 1)),
        (("items", 1, "name"), (11, 1)),
        (("items", 1, "name", "first"), (11, 6)),
        (("items", 1, "more"), (14, 8)),
        (("items", 1, "more", "x", "y", 1, "z"), (15, 17)),
    ],
)
def test_places_count_lines_and_columns_from_one(path: KeyPath, place: tuple[int, int]) -> None:
    assert parse_toml(SPEC).locate(path) == place
    assert KeyPositions(parse_toml(SPEC)).locate(path) == place
    assert parse_toml(SPEC.replace("\n", "\r\n")).locate(path) == place


def test_what_is_not_in_the_text_has_the_place_of_the_table_above() -> None:
    document = parse_toml(SPEC)
    assert document.locate(("items", 0, "seed")) == (8, 1)
    assert document.locate(("absent",)) == (1, 1)
    assert KeyPositions(document).locate(("items", 0, "seed")) is None


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = ", 1, 5),
        ("a = 1\nb = [1,\n  2", 3, 4),
        ("a = 1\r\nb = x\r\n", 2, 5),
        ("# one\u2028still one\na = [", 2, 6),
        ("a = 1\na = 2\n", 2, 6),
        ("[a]\n[b]\n[a]\n", 3, 3),
    ],
)
def test_a_syntax_error_has_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(TomlError) as caught:
        parse_toml(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.message[0].islower()


@pytest.mark.parametrize(
    ("number", "place"),
    [("9223372036854775808", (2, 5)), ("-9223372036854775809", (2, 5)), ("0x" + "f" * 5000, (2, 5))],
)
def test_a_number_beyond_64_bits_is_refused(number: str, place: tuple[int, int]) -> None:
    with pytest.raises(TomlError, match="64 bits") as caught:
        parse_toml(f"x = 1\nb =[{number}]\n")
    assert (caught.value.line, caught.value.column) == place


def test_a_number_that_python_does_not_convert_is_refused_where_it_stands() -> None:
    with pytest.raises(TomlError, match="64 bits") as caught:
        parse_toml(f"x = 1\ny =  {'9' * 5000}\n")
    assert (caught.value.line, caught.value.column) == (2, 6)


@pytest.mark.parametrize("number", ["9223372036854775807", "-9223372036854775808"])
def test_the_ends_of_64_bits_are_numbers(number: str) -> None:
    assert parse_toml(f"x = {number}").data == {"x": int(number)}


def test_arrays_nested_too_deeply_are_an_error_and_no_crash() -> None:
    with pytest.raises(TomlError, match="too deeply"):
        parse_toml(f"x = {'[' * 100_000}{']' * 100_000}")


def test_arrays_as_deep_as_tomllib_reads_have_places() -> None:
    document = parse_toml(f"x = {'[' * 80}1{']' * 80}")
    assert document.locate(("x", *[0] * 80)) == (1, 85)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_is_the_same_text(text: str) -> None:
    quoted = quote_text(text)
    assert tomllib.loads(f"a = {quoted}") == {"a": text}
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", quoted)


def test_half_a_pair_is_no_text() -> None:
    with pytest.raises(UserError, match="no Unicode text"):
        quote_text("a\udcff")

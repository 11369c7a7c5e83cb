"""XML as Qt writes it: numbers, escapes, the order of properties."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.tiled import xml

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters="\t\n"))


def written(value: str | float | bool) -> str:
    """A property's value in a file."""
    found = re.search(r'value="([^"]*)"', xml.write_document(xml.property_nodes({"key": value})[0]).decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # What Tiled 1.12.1 made of these numbers when it saved them.
        (0.0, "0"),
        (-0.0, "0"),
        (100000.0, "100000"),
        (1000000.0, "1e+06"),
        (2500000.0, "2500000"),
        (1200000000000.0, "1.2e+12"),
        (1250000000000000.0, "1.25e+15"),
        (123456789012345680.0, "123456789012345680"),
        (7.212169050876665e21, "7.212169050876665e+21"),
        (0.0001, "0.0001"),
        (-0.00001, "-1e-05"),
        (1.234567e-05, "1.234567e-05"),
        (1 / 3, "0.3333333333333333"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (True, "true"),
        (-7, "-7"),
    ],
)
def test_numbers_of_properties_are_written_as_tiled_writes_them(value: float, text: str) -> None:
    assert written(value) == text


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_properties_are_read_back_exactly(value: float) -> None:
    text = written(value)
    assert float(text) == value
    assert text == written(float(text))
    assert len(text) <= 24


@pytest.mark.parametrize(
    ("value", "text"), [(1 / 3, "0.333333"), (1234.56789, "1234.57"), (-0.0, "0"), (16.0, "16"), (1e-5, "1e-05")]
)
def test_other_numbers_have_six_digits(value: float, text: str) -> None:
    assert xml.write_number(value) == text


@given(name=TEXT, value=TEXT, text=TEXT)
def test_any_text_is_read_back(name: str, value: str, text: str) -> None:
    inner = xml.Node("property", {"name": name}, text=text if text.strip() else "")
    tree = xml.Node("properties", {"value": value}, [inner])
    data = xml.write_document(tree)
    assert xml.parse_xml(data) == tree
    assert xml.write_document(xml.parse_xml(data.replace(b"\n", b"\r\n"))) == data


def test_properties_are_sorted_by_utf_16() -> None:
    # U+1D4B3 begins with a surrogate, which comes before U+FF21 and after everything else here.
    names = ["\uff21", "\U0001d4b3", "é", "b", "a", "Z", "_"]
    (table,) = xml.property_nodes(dict.fromkeys(names, 1))
    assert [entry.attributes["name"] for entry in table.children] == ["Z", "_", "a", "b", "é", "\U0001d4b3", "\uff21"]
    assert xml.property_nodes({}) == []

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.providers.api import Input, Price, Step
from bridge.providers.fingerprint import canonical, output_fingerprint, step_fingerprint

STEP = Step(
    key="clip/walk/south",
    provider="procedural",
    operation="character.clip",
    params={"description": "brave knight", "size": [48, 48], "frames": 8},
    seed=7,
    inputs=(Input("source", "art/knight.png", "ab" * 32),),
    price=Price("generations", Decimal(2)),
    field="animations.walk",
)


def test_golden_values_never_change() -> None:
    # A changed fingerprint can cost money: a new form needs a new version beside the old one.
    assert step_fingerprint(STEP, {}) == "f1:3dc4e27aaa87771249eecc56596329dfd7992c93"
    assert output_fingerprint({"a": 1}) == "o1:015abd7f5cc57a2dd94b7590f04ad8084273905e"


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "character.stills"},
        {"params": {**STEP.params, "frames": 6}},
        {"seed": 8},
        {"inputs": (Input("source", "art/knight.png", "cd" * 32),)},
        {"provider": "files"},
    ],
)
def test_what_reaches_the_provider_counts(change: dict[str, object]) -> None:
    assert step_fingerprint(dataclasses.replace(STEP, **change), {}) != step_fingerprint(STEP, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"key": "clip/stroll/south"},
        {"field": "animations.stroll"},
        {"price": Price("usd", None)},
        {"inputs": (Input("source", "moved/knight.png", "ab" * 32),)},
        {"params": {"frames": 8.0, "size": (48, 48), "description": "brave knight"}},
    ],
)
def test_what_does_not_reach_the_provider_does_not_count(change: dict[str, object]) -> None:
    assert step_fingerprint(dataclasses.replace(STEP, **change), {}) == step_fingerprint(STEP, {})  # type: ignore[arg-type]


def test_an_unknown_input_or_step_leaves_it_open() -> None:
    waiting = dataclasses.replace(STEP, inputs=(Input("source", "asset:a", None),))
    assert step_fingerprint(waiting, {}) is None
    after = dataclasses.replace(STEP, after=("base",))
    assert step_fingerprint(after, {}) is None
    assert step_fingerprint(after, {"base": "f1:1"}) != step_fingerprint(after, {"base": "f1:2"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=5))
def test_key_order_never_counts(data: dict[str, object]) -> None:
    assert canonical(data) == canonical(dict(reversed(data.items())))


@given(JSON, JSON)
def test_equal_text_means_equal_value(one: object, other: object) -> None:
    same_text = canonical(one) == canonical(other)
    assert same_text == (one == other and repr(one) == repr(other)) or one == other


def test_values_without_a_canonical_form_are_refused() -> None:
    with pytest.raises(TypeError):
        canonical({"when": object()})
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))

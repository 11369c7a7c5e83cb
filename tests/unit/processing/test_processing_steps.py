"""The registry of steps: what each declares fits the kinds of specs, the keys of `[process]`, and its neighbours."""

from __future__ import annotations

import re

import pytest

from bridge.processing.registry import PIPELINE
from bridge.processing.steps.step import CLIP_KINDS, PICTURE_KINDS, TILE_KINDS, ProcessStep, StepFields
from bridge.spec.model import KINDS
from bridge.spec.process_rules import process_keys, refused_process_keys
from bridge.spec.process_table import ProcessTable


def test_every_kind_has_steps_but_those_without_pixels() -> None:
    assert KINDS.keys() >= PICTURE_KINDS | TILE_KINDS
    assert {kind for kind in KINDS if not process_keys(kind)} == {"map", "music"}
    assert CLIP_KINDS <= PICTURE_KINDS


def test_steps_are_called_apart_and_count_their_versions() -> None:
    names = [step.name for step in PIPELINE]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)
    assert all(step.version >= 1 for step in PIPELINE)
    assert all(step.is_always_active or step.fields is not StepFields for step in PIPELINE), "nobody could ask for it"


def test_the_table_has_the_keys_of_all_steps_in_their_order() -> None:
    keys = [key for step in PIPELINE for key in step.fields.model_fields]
    assert list(ProcessTable.model_fields) == list(dict.fromkeys(keys))


@pytest.mark.parametrize("step", PIPELINE, ids=lambda step: step.name)
def test_a_key_is_refused_by_the_kinds_that_cannot_have_it(step: type[ProcessStep]) -> None:
    for kind in KINDS:
        keys = list(step.fields.model_fields)
        refused = [key for key, _ in refused_process_keys(kind, keys)]
        assert refused == ([] if kind in step.kinds else keys)

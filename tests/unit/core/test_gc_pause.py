from __future__ import annotations

import gc
import weakref

import pytest

from bridge.core.gc_pause import collect_everything, collector_paused


def test_it_is_still_in_the_block_and_on_again_after_it() -> None:
    assert gc.isenabled()
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="bad spec"), collector_paused():
        raise ValueError("bad spec")
    assert gc.isenabled()


class Node:
    other: Node


def test_what_was_left_out_is_found_when_everything_is_searched() -> None:
    with collector_paused():
        one, two = Node(), Node()
        one.other, two.other = two, one
        seen = weakref.ref(one)
    del one, two
    gc.collect()
    assert seen() is not None
    collect_everything()
    assert seen() is None

"""The garbage collector, kept still while many objects are made that stay.

It looks through everything each time so many objects were made, which is a quarter of the time of a large plan, and
finds nothing: specs, steps and lock entries refer to each other in no circles.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for circles until the end of the block; what there is then is left out of later ones."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def collect_everything() -> None:
    """Searches once through all there is, also what `collector_paused` has left out."""
    gc.unfreeze()
    gc.collect()

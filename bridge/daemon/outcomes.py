"""What became of the last requests to build, for whoever asked and wants to know exactly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError, ErrorGroup

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult

# The results of ten thousand assets are some megabytes: whoever asks does so right after the event `done`.
KEPT = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request. errors: of specs that are no assets. failure: why nothing more was done."""

    results: tuple[AssetResult, ...] = ()
    errors: tuple[BridgeError, ...] = ()
    spent: tuple[Mapping[str, Any], ...] = field(default=())
    failure: BridgeError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The document of `build --json`, what stopped the request, and the exit codes that all of it stands for."""
        failures = flat(self.failure)
        told = [*self.errors, *failures, *(result.error for result in self.results if result.error is not None)]
        return {
            "assets": [result.as_dict() for result in self.results],
            "spent": [dict(row) for row in self.spent],
            "errors": [error.as_dict() for error in self.errors],
            "failures": [error.as_dict() for error in failures],
            "exit_codes": sorted({error.exit_code for error in told}),
        }


def flat(error: BridgeError | None) -> list[BridgeError]:
    """The errors of a group, one by one."""
    if error is None:
        return []
    return error.errors if isinstance(error, ErrorGroup) else [error]


class Outcomes:
    """The last few outcomes by number of request; its owner keeps threads apart."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Outcome] = OrderedDict()

    def keep(self, number: int, outcome: Outcome) -> None:
        """Keeps an outcome, and drops the oldest."""
        self._kept[number] = outcome
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def get(self, number: int) -> Outcome | None:
        """The outcome of a request, if it is still known."""
        return self._kept.get(number)

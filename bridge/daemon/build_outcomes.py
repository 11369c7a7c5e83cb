"""What became of a request to build, for whoever asked and wants to know exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.build.reporter import AssetResult
from bridge.core.errors import BridgeError, ErrorGroup

# The results of ten thousand assets are some megabytes: whoever asks does so right after the event `done`.
KEPT = 4


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What became of a request. errors: of specs that are no assets. failure: why nothing more was done."""

    results: tuple[AssetResult, ...] = ()
    errors: tuple[BridgeError, ...] = ()
    spent: tuple[Mapping[str, Any], ...] = ()
    failure: BridgeError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The document of `build --json`, what stopped the request, and the exit codes that all of it stands for."""
        failures = flatten_errors(self.failure) if self.failure is not None else []
        all_errors = [*self.errors, *failures, *(result.error for result in self.results if result.error is not None)]
        return {
            "assets": [result.as_dict() for result in self.results],
            "spent": [dict(row) for row in self.spent],
            "errors": [error.as_dict() for error in self.errors],
            "failures": [error.as_dict() for error in failures],
            "exit_codes": sorted({error.exit_code for error in all_errors}),
        }


def flatten_errors(*errors: BridgeError) -> list[BridgeError]:
    """Errors one by one, those of groups too."""
    return [one for error in errors for one in (error.errors if isinstance(error, ErrorGroup) else [error])]

"""What watching tells: one event after another, for people as lines and for scripts as JSON objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.build.reporter import AssetResult
from bridge.core.errors import BridgeError

Name = Literal["watching", "notice", "changed", "asset", "error", "cleared", "orphan", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One event.

    | name | data |
    |---|---|
    | `watching` | `assets`: how many specs; everything that was stale has been built |
    | `notice` | `message`: how changes are looked for when the system does not report them |
    | `changed` | `paths`: project-relative files that hold something new |
    | `asset` | a result as in `build --json`: something was written or its state is new |
    | `error` | `id`, `error`, `errors`: sent once, until it changes; outputs stay as they were |
    | `cleared` | `id`: what was wrong with it is mended |
    | `orphan` | `id`: its spec is gone, its outputs stay until `assetbridge clean` |
    | `done` | `files`: how many were written since `changed` |
    | `stopped` | |

    `id` is the asset's id, or the file's name for other files.
    """

    name: Name
    data: Mapping[str, Any] = field(default_factory=dict)
    result: AssetResult | None = None
    errors: tuple[BridgeError, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: `{"event": name, …data}`."""
        return {"event": self.name, **self.data}


OnEvent = Callable[[WatchEvent], None]


def asset_event(result: AssetResult) -> WatchEvent:
    """An asset was built, or its state is new."""
    return WatchEvent("asset", result.as_dict(), result=result)


def error_event(subject: str, errors: tuple[BridgeError, ...]) -> WatchEvent:
    """Something is wrong with an asset or a file."""
    documents = [one.as_dict() for one in errors]
    return WatchEvent("error", {"id": subject, "error": documents[0], "errors": documents}, errors=errors)

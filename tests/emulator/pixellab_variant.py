"""The knobs of the emulated PixelLab: in what its versions, plans and surfaces were seen to differ.

The defaults follow the published API document of 2025-09-18; `OBSERVED` is the OpenAPI document of 2026-09 and what
users report of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Encoding = Literal["bare", "data_url", "rgba", "rgba_unsized"]
ZipKeys = Literal["template", "named", "uuid"]


@dataclass(frozen=True, slots=True)
class Words:
    """What a background job calls its states."""

    queued: str = "processing"
    running: str = "processing"
    completed: str = "completed"
    failed: str = "failed"


@dataclass(frozen=True, slots=True)
class ZipStyle:
    """The shape of a character's ZIP.

    keys: how an animation's folder is called: its template id, display name and short id, or `animation-UUID`.
    folder: what everything is nested under ("" or "NAME/"). repeats: every path stands twice in its frame list.
    split: one key per direction. missing: directions left out of every animation. metadata: metadata.json exists.
    """

    keys: ZipKeys = "template"
    folder: str = ""
    repeats: bool = False
    split: bool = False
    missing: frozenset[str] = frozenset()
    metadata: bool = True


@dataclass(frozen=True, slots=True)
class TilesetStyle:
    """The shape of a tileset.

    tiles: 16, 14 for a set that lacks two, or 23 and 25 with a third corner value "transition" and twins. names:
    `wang_N` or a list of the lower corners. ids: decimal numbers with UUIDs for the base tiles, or UUIDs only.
    scrambled: pattern_4x4 contradicts the corners (which are right). boxes: tiles carry `bounding_box`. previews:
    finished jobs carry sheet pictures.
    """

    tiles: Literal[14, 16, 23, 25] = 16
    names: Literal["wang", "corners"] = "wang"
    ids: Literal["mixed", "uuid"] = "mixed"
    scrambled: bool = False
    boxes: bool = True
    previews: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """All knobs.

    api: "2025" is the published document; "2026" takes newer fields, character sizes 16-128 and transition 1.0.
    encoding, format_key: how pictures travel in JSON. words: job states. error_key: where a failed job's message is.
    canvas: characters come as asked, or about 1.4 times as big. frame_margin: pixels by which animation frames are
    wider and higher than rotations. extra_frames: frames more than the template's number. listed: GET /characters/ID
    lists animations (else only the ZIP has them). failing: directions whose animation jobs fail. unlisted: directions
    that an animation request drops silently. row_seconds: how long a new tileset is unknown (404) before it is locked.
    usage_on_accept: "zero" or "null" until a job is done. refunds: failed jobs cost nothing. locked_retry_after: 423
    carries Retry-After. balance_shape: newer, or the flat one of v1. balance_lag: seconds until charges show up.
    background: whether pictures are made by jobs too, and whether the account's plan has that.
    """

    api: Literal["2025", "2026"] = "2025"
    encoding: Encoding = "bare"
    format_key: bool = True
    words: Words = field(default_factory=Words)
    error_key: Literal["error", "detail", "message", "top"] = "error"
    canvas: Literal["as_asked", "grown"] = "as_asked"
    frame_margin: int = 0
    extra_frames: int = 0
    listed: bool = True
    failing: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    zip: ZipStyle = field(default_factory=ZipStyle)
    tileset: TilesetStyle = field(default_factory=TilesetStyle)
    row_seconds: float = 0.0
    usage_on_accept: Literal["zero", "null"] = "null"
    refunds: bool = True
    locked_retry_after: bool = False
    balance_shape: Literal["v2", "v1"] = "v2"
    balance_lag: float = 0.0
    background: Literal["absent", "served", "forbidden"] = "absent"


OBSERVED = Variant(
    api="2026",
    words=Words(queued="pending", running="processing"),
    canvas="grown",
    frame_margin=8,
    zip=ZipStyle(keys="named", repeats=True),
    tileset=TilesetStyle(scrambled=True),
    row_seconds=0.01,
    usage_on_accept="zero",
    background="served",
)

PRICES: Mapping[str, tuple[float, float]] = {  # generations, US dollars
    "pixflux": (1, 0.0079),
    "bitforge": (1, 0.0079),
    "inpaint": (1, 0.0079),
    "rotate": (1, 0.0112),
    "animate-with-text": (1, 0.0157),
    "animate-with-skeleton": (1, 0.014),
    "estimate-skeleton": (0.1, 0.005),
    "character-4": (1, 0.0105),
    "character-8": (1, 0.0173),
    "animation": (1, 0.032),
    "tileset-16": (3, 0.0079),
    "tileset-32": (3, 0.0099),
    "isometric": (1, 0.016),
    "map-object": (1, 0.0099),
}

"""What the art lint finds, and how strict it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.config.options import LINT_DEFAULTS
from bridge.media.rgb import RGB

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ArtFinding:
    """One flaw: which rule, where, and the way out.

    part: the clip, item or tile it is in. frame: place in the clip from 0. box: left, top, width, height in pixels of
    that frame or tile; None for what is missing, and for the asset as a whole. amount: what was measured, in the rule's
    own unit. others: places of further frames with the same flaw.
    """

    rule: str
    message: str
    fix: str
    part: str = ""
    frame: int | None = None
    box: Box | None = None
    amount: int = 0
    others: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form in `check --art --json`."""
        return {
            "rule": self.rule,
            "part": self.part or None,
            "frame": self.frame,
            "frames": [self.frame, *self.others] if self.frame is not None else [],
            "box": list(self.box) if self.box else None,
            "amount": self.amount,
            "message": self.message,
            "fix": self.fix,
        }


@dataclass(frozen=True, slots=True)
class LintRules:
    """The limits of `[lint]`; a rule whose limit is None is off. `palette`: colours that art must keep to, if any."""

    limits: Mapping[str, int | None] = field(default_factory=lambda: dict(LINT_DEFAULTS))
    palette: tuple[RGB, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Any], palette: tuple[RGB, ...] = ()) -> LintRules:
        """The rules of a checked `[lint]` table: a number is a limit, false switches a rule off."""
        limits: dict[str, int | None] = dict(LINT_DEFAULTS)
        for rule, value in table.items():
            if rule in limits:
                limits[rule] = None if value is False else int(value)
        return cls(limits, palette)

    def limit(self, rule: str) -> int | None:
        """The limit of a rule; None when it is off."""
        return self.limits[rule]

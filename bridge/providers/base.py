"""What a provider is: it compiles a spec into steps, makes each step's raw result, and says what a result means.

A step is one provider operation. Its fingerprint covers what reaches the provider (operation, params, seed, input
contents) and nothing else, so everything that is free to change later must stay out of `params`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Price:
    """A price in the provider's unit; amount None is unknown."""

    unit: str = ""
    amount: Decimal | None = Decimal(0)


FREE = Price()


@dataclass(frozen=True, slots=True)
class Input:
    """Bytes that a step needs from outside.

    role: what it is for the operation (`source`, `mask`, `file/0` …).
    ref: as in the spec: a project-relative path, or `asset:ID#PART`.
    sha256: of the content; None while an upstream asset is not built yet.
    """

    role: str
    ref: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One provider operation.

    key: unique in the asset and stable (`image/1`, `base`, `clip/walk/south_east`, `item/potion/1`, `set/water+sand`).
    params: JSON values only, normalised (defaults filled in), so that equal wishes give equal fingerprints.
    after: keys of steps of the same asset whose result this one needs; their fingerprints count into this one's.
    field: the dotted spec field that the step comes from, for error messages.
    """

    key: str
    provider: str
    operation: str
    params: Mapping[str, Any]
    seed: int | None = None
    inputs: tuple[Input, ...] = ()
    after: tuple[str, ...] = ()
    price: Price = FREE
    field: str = ""


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of a raw result, exactly as delivered."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class StepResult:
    """The raw result of a step: files, and JSON facts needed to interpret them."""

    files: tuple[ResultFile, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)
    provider_ids: Mapping[str, str] = field(default_factory=dict)


class CompileContext(Protocol):
    """What a provider may ask while it compiles a spec. Nothing here spends or draws.

    asset_id: the asset's id (`art/hero`).
    """

    asset_id: str

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        """The effective seed: spec seed or the minted one (or `own`), + take − 1, + variant − 1."""
        ...

    def input(self, role: str, ref: str, field: str) -> Input:
        """An input by reference; files are hashed now.

        Raises:
            UserError: `source_missing`, `source_outside`, `source_part`; names the line of `field`.
        """
        ...

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        """A project file that says which other files are needed: its project-relative path and its content.

        Raises:
            UserError: as for `input`.
        """
        ...

    def files(self, pattern: str, field: str) -> Sequence[str]:
        """Project-relative paths that match a glob pattern (`*` inside one folder level), sorted."""
        ...

    def spec_of(self, ref: str, field: str) -> Spec:
        """The spec behind an `asset:` reference (a map reads its tileset's terrains).

        Raises:
            UserError: `source_missing`.
        """
        ...

    def fail(self, code: str, message: str, field: str, hint: str = "") -> Exception:
        """A UserError placed on the line of `field`, to be raised by the caller."""
        ...


class Provider(Protocol):
    """The part of a provider that plans need: pure, offline, no key."""

    name: str
    kinds: frozenset[str]
    offline: bool

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """The steps of a spec, in order of need.

        Raises:
            UserError: the provider cannot make this; names the field and the way out.
        """
        ...

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """What a stored result means. Pure: the same files give the same parts for ever."""
        ...


class OfflineProvider(Provider, Protocol):
    """A provider that makes its results on this machine, free and deterministic."""

    def run(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
        """Makes one step's result. `inputs` by role (assets as PNG), `needed` the results of `step.after`."""
        ...

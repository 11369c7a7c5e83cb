"""What a provider is: it compiles a spec into steps, makes each step's raw result, and says what a result means.

A step is one provider operation. Its fingerprint covers what reaches the provider (operation, params, seed, input
contents) and nothing else, so everything that is free to change later must stay out of `params`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.base_spec import RefineStep
    from bridge.spec.model import Spec

DIRECTION_MARK = "@"
"""Between the key of a step that makes a clip of one direction and that direction."""


@dataclass(frozen=True, slots=True)
class Price:
    """A price in the provider's unit; amount None is unknown."""

    unit: str = ""
    amount: Decimal | None = Decimal(0)


FREE = Price()


NO_ADDRESS_HINT = (
    "Give an address instead, or set upload_command in [providers.{}]: it puts a file on the web. What the provider of "
    "a picture has just delivered is used from there."
)
"""For a picture that has no web address; to be filled with the provider that wants one."""


@dataclass(frozen=True, slots=True)
class Input:
    """Bytes that a step needs from outside.

    role: what it is for the operation (`source`, `mask`, `file/0` …).
    ref: as in the spec: a project-relative path, or `asset:ID#PART`. With `steps` a part of the same asset:
    `still/south`, `clip/walk/south` (`bridge.assemble.parts.part_name`); a clip arrives as one PNG a frame under
    `ROLE/0`, `ROLE/1` …
    sha256: of the content; None while an upstream asset or step is not made yet.
    steps: keys of the earlier steps of the same asset whose results hold the part.
    by_url: the provider takes an address instead of bytes: what arrives under the role is an https URL (UTF-8).
    by_id: the provider made the picture itself and takes its own ids: what arrives is JSON, `{"ids": {…}, "place": 0}`,
    `Remote.ids` of the step that made it and which of its parts it is.
    field: the dotted spec field that it comes from, for what can be said only later.
    """

    role: str
    ref: str
    sha256: str | None
    steps: tuple[str, ...] = ()
    by_url: bool = False
    by_id: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One provider operation.

    key: unique in the asset and stable (`image/1`, `base`, `clip/walk/south_east`, `item/potion/1`, `set/water+sand`).
    params: JSON values only, normalised (defaults filled in), so that equal wishes give equal fingerprints.
    after: keys of steps of the same asset whose result this one needs; their fingerprints count into this one's.
    field: the dotted spec field that the step comes from, for error messages.
    gives: the parts of its result that later steps may take up (`still/south`, `clip/walk/south`), where compiling
    knows them. Not part of the fingerprint.
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
    gives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultUrl:
    """Where the provider keeps a delivered file for everybody who knows the link, which may be signed.

    lives: seconds from the delivery on; None where no end is said.
    """

    url: str = field(repr=False)
    lives: float | None = None


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of a raw result, exactly as delivered. address: of a picture that others could fetch there too; it is
    kept in the money journal only, never in the store."""

    name: str
    media_type: str
    data: bytes
    address: ResultUrl | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StepResult:
    """The raw result of a step: files, and JSON facts needed to interpret them."""

    files: tuple[ResultFile, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)
    provider_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clean-up of `[refine]` works on: a part of the asset, and the steps that make it.

    part: `still/south`, `still/1`, `still/potion`, `clip/walk/south`, `clip/block`. kind: of the spec.
    steps: those whose results hold the part so far, the last of them last; clean-ups that came before included.
    field: the dotted field of the settings: `refine.stabilize`. size: width and height of a still in pixels, where the
    spec says them.
    """

    part: str
    kind: str
    steps: tuple[Step, ...]
    field: str
    size: tuple[int, int] | None = None

    @property
    def is_clip(self) -> bool:
        """Whether it is a clip and not a still."""
        return self.part.startswith("clip/")

    def picture(self, role: str) -> Input:
        """The part as the input of a step: its fingerprint covers the pixels, whoever made them."""
        return Input(role, self.part, None, tuple(step.key for step in self.steps))


class CompileContext(Protocol):
    """What a provider may ask while it compiles a spec. Nothing here spends or draws.

    asset_id: the asset's id (`art/hero`).
    """

    asset_id: str

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        """The effective seed: spec seed or the minted one (or `own`), + (take − 1) · variants, + variant − 1."""
        ...

    def input(self, role: str, ref: str, field: str) -> Input:
        """An input by reference; files are hashed now.

        Raises:
            UserError: `source_missing`, `source_outside`, `source_part`; names the line of `field`.
        """
        ...

    def address(self, role: str, ref: str, field: str) -> Input:
        """An input that the provider takes as a web address only (`Input.by_url`).

        Whether there is one is asked when it is known that the step has to be bought.

        Raises:
            UserError: as for `input`.
        """
        ...

    def maker(self, ref: str) -> Step | None:
        """The step that delivers the still behind an `asset:` reference as a picture of its own; None for files, and
        for stills that something else makes of what was delivered."""
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


@runtime_checkable
class Refiner(Protocol):
    """A provider that cleans up results (`[refine]`), its own or those of others.

    refinements: the keys of `[refine]` that it does.
    """

    refinements: frozenset[str]

    def refine(self, name: str, settings: RefineStep, subject: Subject, context: CompileContext) -> Sequence[Step]:
        """The steps that clean up one part; none where it has nothing to do with such a part.

        Their key is `NAME/PART` (`stabilize/clip/walk/south`); `gives` is `(subject.part,)`; what they mean is that
        part again (an `ImagePart`, or a `ClipPart` with `whole`), which stands in for the earlier one.

        Raises:
            UserError: `spec_not_applicable`, `provider_limit`: it cannot clean this up.
        """
        ...


class OfflineProvider(Provider, Protocol):
    """A provider that makes its results on this machine, free and deterministic."""

    def run(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
        """Makes one step's result. `inputs` by role (assets as PNG), `needed` the results of `step.after`."""
        ...

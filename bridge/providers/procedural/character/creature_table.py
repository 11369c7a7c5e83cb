"""Bodies of four-legged animals: a table of measures and appendages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quadruped:
    """A body plan in model units: lengths, radii and the kind of each appendage. neck is a rise and a reach."""

    length: float = 0.46
    chest: float = 0.13
    rump: float = 0.115
    leg: float = 0.22
    paw: float = 0.036
    neck: tuple[float, float] = (0.12, 0.1)
    head: float = 0.105
    snout: tuple[float, float] = (0.12, 0.055)
    ears: str = "pointed"
    tail: str = "bushy"
    extras: frozenset[str] = frozenset()


def _make_creature(extras: str = "", **values: object) -> Quadruped:
    return Quadruped(extras=frozenset(extras.split()), **values)  # type: ignore[arg-type]


QUADRUPEDS: dict[str, Quadruped] = {
    "wolf": _make_creature("ruff fangs", length=0.4, chest=0.125, leg=0.19, paw=0.042, head=0.132, snout=(0.1, 0.058)),
    "dog": _make_creature(ears="floppy", tail="thin", length=0.4, head=0.13, snout=(0.08, 0.064), leg=0.17, paw=0.042),
    "fox": _make_creature(
        "ruff", length=0.38, chest=0.105, rump=0.1, head=0.125, snout=(0.11, 0.046), leg=0.15, paw=0.038
    ),
    "cat": _make_creature(
        "big_eyes", length=0.34, chest=0.1, rump=0.105, head=0.138, snout=(0.03, 0.056), leg=0.14, paw=0.04, tail="thin"
    ),
    "lion": _make_creature(
        "mane", length=0.44, chest=0.15, snout=(0.08, 0.07), ears="round", tail="tuft", paw=0.052, head=0.14, leg=0.19
    ),
    "tiger": _make_creature(
        "stripes",
        length=0.44,
        chest=0.145,
        snout=(0.07, 0.072),
        ears="round",
        tail="thin",
        paw=0.052,
        head=0.14,
        leg=0.19,
    ),
    "bear": _make_creature(
        "fangs",
        length=0.46,
        chest=0.185,
        rump=0.19,
        leg=0.2,
        paw=0.058,
        neck=(0.08, 0.1),
        head=0.13,
        snout=(0.1, 0.066),
        ears="round",
        tail="short",
    ),
    "horse": _make_creature(
        "crest hooves",
        length=0.5,
        chest=0.135,
        rump=0.135,
        leg=0.34,
        neck=(0.25, 0.15),
        head=0.09,
        snout=(0.15, 0.06),
        tail="long",
    ),
    "unicorn": _make_creature(
        "crest hooves horn",
        length=0.5,
        chest=0.135,
        rump=0.135,
        leg=0.34,
        neck=(0.25, 0.15),
        head=0.09,
        snout=(0.15, 0.06),
        tail="long",
    ),
    "deer": _make_creature(
        "antlers hooves",
        length=0.44,
        chest=0.115,
        rump=0.11,
        leg=0.34,
        neck=(0.22, 0.11),
        head=0.085,
        snout=(0.11, 0.046),
        ears="wide",
        tail="short",
        paw=0.028,
    ),
    "pig": _make_creature(
        "disc hooves",
        length=0.4,
        chest=0.16,
        rump=0.165,
        leg=0.13,
        neck=(0.03, 0.08),
        head=0.125,
        snout=(0.07, 0.062),
        ears="floppy",
        tail="curl",
    ),
    "boar": _make_creature(
        "tusks disc hooves crest",
        length=0.44,
        chest=0.175,
        rump=0.145,
        leg=0.15,
        neck=(0.0, 0.12),
        head=0.125,
        snout=(0.12, 0.066),
        tail="thin",
    ),
    "cow": _make_creature(
        "horns spots hooves",
        length=0.52,
        chest=0.17,
        rump=0.165,
        leg=0.23,
        neck=(0.1, 0.12),
        head=0.105,
        snout=(0.1, 0.075),
        ears="wide",
        tail="tuft",
    ),
    "sheep": _make_creature(
        "wool hooves",
        length=0.38,
        chest=0.16,
        rump=0.16,
        leg=0.17,
        neck=(0.08, 0.12),
        head=0.09,
        snout=(0.07, 0.055),
        ears="wide",
        tail="short",
    ),
    "goat": _make_creature(
        "horns hooves beard",
        length=0.4,
        chest=0.12,
        rump=0.12,
        leg=0.22,
        neck=(0.16, 0.1),
        head=0.09,
        snout=(0.1, 0.05),
        ears="wide",
        tail="short",
    ),
    "rat": _make_creature(
        "big_ears",
        length=0.34,
        chest=0.1,
        rump=0.14,
        leg=0.09,
        neck=(0.0, 0.1),
        head=0.1,
        snout=(0.12, 0.034),
        ears="round",
        tail="bare",
        paw=0.026,
    ),
    "rabbit": _make_creature(
        "big_eyes",
        length=0.26,
        chest=0.105,
        rump=0.14,
        leg=0.11,
        neck=(0.08, 0.07),
        head=0.115,
        snout=(0.04, 0.05),
        ears="long",
        tail="short",
    ),
    "dragon": _make_creature(
        "spikes horns wings fangs scutes",
        length=0.42,
        chest=0.16,
        rump=0.14,
        leg=0.17,
        paw=0.058,
        neck=(0.24, 0.14),
        head=0.125,
        snout=(0.13, 0.078),
        ears="none",
        tail="dragon",
    ),
}

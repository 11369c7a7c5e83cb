"""The words that PixelLab knows: closed lists of style words, and motion templates per family of skeletons.

Sources: outline, shading and detail of the official Python package; templates as the service's web editor listed them
in June 2026 (there is no endpoint that lists them).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

OUTLINES = ("single color black outline", "single color outline", "selective outline", "lineless")
ISOMETRIC_OUTLINES = OUTLINES[1:]
SHADINGS = ("flat shading", "basic shading", "medium shading", "detailed shading", "highly detailed shading")
DETAILS = ("low detail", "medium detail", "highly detailed")
PROPORTIONS = ("default", "chibi", "cartoon", "stylized", "realistic_male", "realistic_female", "heroic")
# What the plain words of a spec mean here.
_MEANT: Mapping[str, str] = {
    "black": "single color black outline",
    "black outline": "single color black outline",
    "single color black": "single color black outline",
    "single color": "single color outline",
    "none": "lineless",
    "no outline": "lineless",
    "high detail": "highly detailed",
    "high": "highly detailed",
}

_ANIMAL_WALKS = "walk-4-frames walk-6-frames walk-8-frames running-4-frames running-6-frames running-8-frames"
FAMILIES: Mapping[str, tuple[str, ...]] = {
    family: tuple(text.split())
    for family, text in {
        "mannequin": (
            "walk walk-1 walk-2 walking walking-2 walking-3 walking-4 walking-5 walking-6 walking-7 walking-8"
            " walking-9 walking-10 walking-4-frames walking-6-frames walking-8-frames running-4-frames"
            " running-6-frames running-8-frames running-slide crouched-walking crouching sad-walk scary-walk"
            " breathing-idle fight-stance-idle-8-frames backflip front-flip getting-up jumping-1 jumping-2"
            " running-jump two-footed-jump cross-punch lead-jab surprise-uppercut hurricane-kick roundhouse-kick"
            " high-kick flying-kick leg-sweep fireball taking-punch falling-back-death drinking picking-up"
            " pull-heavy-object pushing throw-object"
        ),
        "dog": f"{_ANIMAL_WALKS} fast-walk sneaking idle bark",
        "cat": (
            f"{_ANIMAL_WALKS} slow-run jump idle seated-on-belly-idle sitting sitting-on-belly standing"
            " standing-from-belly drinking eating licking yawning angry"
        ),
        "horse": (
            f"{_ANIMAL_WALKS} walk-turn-left walk-turn-right running-turn-left running-turn-right running-headbutt"
            " swimming attack attack-back hit-left hit-right dying idle-shaking-head rest-idle eat-start eating"
            " eat-end start-sleep sleep-cycle rest-cycle wake-up lie-down stand-up"
        ),
        "bear": (
            f"{_ANIMAL_WALKS} jump stand-on-hind-legs attack-left attack-right jump-attack idle-long idle-resting"
            " idle-sitting drinking eating going-to-sleep waking-getting-up sitting-down standing-up angry"
        ),
        "lion": f"{_ANIMAL_WALKS} jump attack jump-attack idle idle-sitting drinking eating sitting standing",
    }.items()
}
# A word of a motion → templates that show it, the best first; each family has some of them.
_SHOWN: Mapping[str, str] = {
    "walk": "walking-8-frames walk-8-frames",
    "run": "running-8-frames",
    "sprint": "running-8-frames",
    "idle": "breathing-idle idle idle-long rest-idle",
    "breathe": "breathing-idle idle idle-long rest-idle",
    "stand": "breathing-idle standing standing-up stand-up idle",
    "jump": "jumping-1 jump",
    "leap": "running-jump jump",
    "attack": "cross-punch attack attack-right",
    "punch": "cross-punch",
    "jab": "lead-jab",
    "uppercut": "surprise-uppercut",
    "kick": "high-kick",
    "sweep": "leg-sweep",
    "fireball": "fireball",
    "cast": "fireball",
    "spell": "fireball",
    "hurt": "taking-punch hit-left",
    "hit": "taking-punch hit-left",
    "die": "falling-back-death dying",
    "death": "falling-back-death dying",
    "dead": "falling-back-death dying",
    "crouch": "crouching",
    "sneak": "crouched-walking sneaking",
    "slide": "running-slide",
    "flip": "front-flip",
    "guard": "fight-stance-idle-8-frames",
    "fight": "fight-stance-idle-8-frames attack attack-right",
    "push": "pushing",
    "pull": "pull-heavy-object",
    "throw": "throw-object",
    "pick": "picking-up",
    "drink": "drinking",
    "eat": "eating",
    "sit": "sitting sitting-down idle-sitting",
    "sleep": "sleep-cycle going-to-sleep",
    "wake": "getting-up wake-up waking-getting-up",
    "rise": "getting-up wake-up waking-getting-up",
    "swim": "swimming",
    "bark": "bark",
    "lick": "licking",
    "yawn": "yawning",
    "roar": "angry",
    "angry": "angry",
    "sad": "sad-walk",
    "scary": "scary-walk",
}
_COUNTED = re.compile(r"-(\d+)-frames$")


def plain(text: str) -> str:
    """Small letters, single blanks."""
    return " ".join(text.lower().replace("_", " ").split())


def style_word(text: str, known: Sequence[str]) -> str | None:
    """The word of a closed list that is meant: its own spelling, or its beginning (`flat` for `flat shading`)."""
    said = plain(text)
    for word in (said, _MEANT.get(said, "")):
        if word in known:
            return word
    endings = {known_word.rsplit(" ", 1)[0]: known_word for known_word in known if " " in known_word}
    return endings.get(said)


def suggestion(text: str, known: Sequence[str], *, listed: int = 60) -> str:
    """A hint: the closest known word, and the list (its first `listed` words)."""
    close = difflib.get_close_matches(text.lower(), known, n=1, cutoff=0.5)
    shown = ", ".join(known[:listed]) + (" …" if len(known) > listed else "")
    return (f"Did you mean {close[0]}? " if close else "") + f"Known: {shown}."


def templates(family: str | None) -> tuple[str, ...]:
    """Motion templates of a family of skeletons; of all where it is not known."""
    if family is not None:
        return FAMILIES[family]
    return tuple(dict.fromkeys(name for names in FAMILIES.values() for name in names))


def counted_frames(template: str) -> int | None:
    """Frames of a template, where its name says so (`walking-8-frames`)."""
    count = _COUNTED.search(template)
    return int(count[1]) if count else None


def template_for(motion: str, family: str | None, frames: int | None) -> str | None:
    """The template closest to a motion in words; with `frames`, the one of that length where there is one."""
    known = templates(family)
    slug = "-".join(plain(motion).replace("-", " ").split())
    # A single word is no template's name but a motion: `walk` is best shown by walking-8-frames, not by `walk`.
    named = slug in known and "-" in slug
    template = slug if named else _shown(slug.split("-"), known) or (slug if slug in known else None)
    if template is None or frames is None or counted_frames(template) in (None, frames):
        return template
    other = _COUNTED.sub(f"-{frames}-frames", template)
    return other if other in known else template


def _shown(words: Sequence[str], known: Sequence[str]) -> str | None:
    for word in words:
        for stem in _stems(word):
            for template in _SHOWN.get(stem, "").split():
                if template in known:
                    return template
    return None


def _stems(word: str) -> list[str]:
    """A word and what it may be a form of: walking, walks, dies, running, striding."""
    stems = [word]
    for ending in ("ing", "es", "ed", "s", "d"):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word.removesuffix(ending)
            stems += [stem, f"{stem}e"]
            if len(stem) > 2 and stem[-1] == stem[-2]:
                stems.append(stem[:-1])
    return [*stems, *(["die"] if word == "dying" else [])]

"""Motions that a single picture can make: their words, frame counts and whether they loop."""

from __future__ import annotations

import re

# Motion: frames by default, whether it loops.
MOTIONS: dict[str, tuple[int, bool]] = {
    "breathe": (4, True),
    "hop": (6, False),
    "shake": (4, False),
    "squash": (6, True),
    "sway": (8, True),
    "spin": (8, True),
    "dissolve": (8, False),
    "lunge": (6, False),
    "float": (6, True),
    "pulse": (6, True),
    "glow": (6, True),
    "waddle": (8, True),
}
_WORDS: dict[str, str] = {
    "breathe": "idle breathe breathes breathing stand standing wait rest bob bobbing bobs",
    "hop": "hop hops hopping jump jumps jumping leap leaping bounce bounces bouncing",
    "shake": "hurt hit damage damaged shake shakes shaking tremble trembling flinch recoil vibrate",
    "squash": "squash squashes stretch stretches stretching wobble wobbles wobbling jiggle jelly squish",
    "sway": "sway sways swaying wave waves waving rock rocking swing swings swinging wind",
    "spin": "spin spins spinning rotate rotates rotating turn turns turning roll rolling flip",
    "dissolve": "death die dies dying dissolve dissolves fade fades fading vanish vanishing disappear "
    "disappearing defeat",
    "lunge": "attack attacks attacking lunge lunges lunging strike strikes charge stab punch bite ram thrust slash "
    "raise raises block",
    "float": "float floats floating hover hovers hovering fly flies flying levitate levitating drift",
    "pulse": "pulse pulses pulsing throb throbbing heartbeat beat grow grows growing",
    "glow": "glow glows glowing shine shines shining flicker flickers flickering blink flash flashing "
    "sparkle burn burning",
    "waddle": "walk walks walking run runs running move moves moving waddle march step dance dancing",
}
_BY_WORD = {word: motion for motion, group in _WORDS.items() for word in group.split()}


def motion_of(text: str) -> str | None:
    """The first motion that the words of `text` name; None where they name none."""
    return next((_BY_WORD[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _BY_WORD), None)

"""Which motion an animation's words ask for."""

from __future__ import annotations

import re

# Known motion: frames by default, whether it loops.
ACTIONS: dict[str, tuple[int, bool]] = {
    "idle": (4, True),
    "walk": (8, True),
    "run": (8, True),
    "attack": (6, False),
    "jump": (6, False),
    "hurt": (3, False),
    "death": (6, False),
    "cast": (6, False),
    "shoot": (6, False),
    "block": (4, False),
    "crouch": (4, True),
    "fly": (6, True),
    "swim": (6, True),
}
_WORDS: dict[str, str] = {
    "idle": "idle breathe breathing breath stand standing wait waiting rest resting still",
    "walk": "walk walks walking stroll march marching sneak sneaking patrol slither crawl crawling move moving step "
    "strut",
    "run": "run runs running sprint sprinting dash dashing gallop trot jog jogging charge charging rush flee fleeing",
    "attack": "attack attacks attacking slash slashes swing swings swinging strike strikes hit stab stabbing thrust "
    "punch punching kick kicking bite biting claw chop chopping smash fight fighting melee sword swipe pounce lunge",
    "jump": "jump jumps jumping leap leaping hop hopping bounce bouncing",
    "hurt": "hurt hurting damage damaged hitstun flinch flinching stagger staggering recoil pain wounded injured",
    "death": "death die dies dying dead defeat defeated collapse collapsing fall falls falling faint fainting killed",
    "cast": "cast casts casting spell magic fireball summon summoning pray praying conjure channel",
    "shoot": "shoot shoots shooting fire fires firing bow arrow throw throwing throws aim aiming ranged",
    "block": "block blocks blocking guard guarding parry shield defend defending raise raises brace",
    "crouch": "crouch crouching duck ducking kneel kneeling sit sitting sleep sleeping hide hiding",
    "fly": "fly flies flying hover hovering float floating glide gliding flap flapping",
    "swim": "swim swims swimming dive diving paddle",
}
_BY_WORD = {word: action for action, group in _WORDS.items() for word in group.split()}


def action_of(text: str) -> str | None:
    """The first motion that the words of `text` name; None where they name none."""
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _BY_WORD:
            return _BY_WORD[word]
    return None


def frames_of(text: str) -> int | None:
    """The frame count in a template's name (`walking-8-frames`)."""
    match = re.search(r"\b(\d{1,2})[-_ ]?frames?\b", text.lower().replace("_", "-"))
    return int(match.group(1)) if match and 1 <= int(match.group(1)) <= 64 else None


def words_of(action: str) -> str:
    """The words that ask for a known motion, comma-separated."""
    return ", ".join(word for word in _WORDS[action].split() if word != action)

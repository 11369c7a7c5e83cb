"""Every limit of Sprixen's documentation is refused on its line, with rule and value, before anything is ordered."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bridge.core.errors import UserError
from bridge.providers.api import Step
from bridge.providers.sprixen import SprixenProvider, routes
from tests.unit.providers.sprixen_samples import steps

_HEAD = 'provider = "sprixen"\n'
SPRITE = f'kind = "sprite"\n{_HEAD}description = "mossy boulder"\n'
ITEMS = f'kind = "items"\n{_HEAD}description = "icons"\n'
ONE = f'kind = "character"\n{_HEAD}description = "knight"\ndirections = 1\n'
CLIP = f'kind = "animation"\n{_HEAD}source_url = "https://example.com/a.png"\naction = "waves"\n'
TILE = f'kind = "isometric_tiles"\n{_HEAD}[[tiles]]\nname = "grass"\n'
MAP = f'kind = "map"\n{_HEAD}description = "meadow"\n'
MUSIC = f'kind = "music"\n{_HEAD}description = "calm village"\n'
RUN = "[animations.run]\n"
PROJECT = SPRITE + "[provider_options]\nproject = {{ {} }}\n"
STABLE = '[refine]\nstabilize = {{ provider = "sprixen", {} }}\n'
LONG = "x" * 501
# Route and field of the documentation → a spec beyond the limit, the field to blame, and what the message says.
BEYOND: dict[str, tuple[str, str, str]] = {
    "generations prompt, 3": (SPRITE.replace("mossy boulder", "ab"), "description", "3 to 500"),
    "generations prompt, 500": (SPRITE.replace("mossy boulder", LONG), "description", "501"),
    "generations type": (SPRITE + '[provider_options]\ntype = "variation"\n', "provider_options.type", "type"),
    "generations negative": (SPRITE + 'negative = "blurry"\n', "negative", "negative"),
    "generations two references": (
        SPRITE + '[reference]\nstyle = "a.png"\nstyle_url = "https://example.com/a.png"\n',
        "reference.style",
        "one reference",
    ),
    "generations variantCount": (
        SPRITE + "[provider_options]\nvariantCount = 4\n",
        "provider_options.variantCount",
        "variantCount",
    ),
    "generations pixelPerfect": (
        SPRITE + '[provider_options]\npixelPerfect = "yes"\n',
        "provider_options.pixelPerfect",
        "'yes'",
    ),
    "generations noBase": (SPRITE + "[provider_options]\nnoBase = 1\n", "provider_options.noBase", "1"),
    "generations chainAnimation": (
        SPRITE + "[provider_options]\nchainAnimation = {}\n",
        "provider_options.chainAnimation",
        "chainAnimation",
    ),
    "generations packItems, prompt": (
        ITEMS.replace("icons", LONG) + '[[items]]\nname = "a"\n[[items]]\nname = "b"\n',
        "description",
        "3 to 500",
    ),
    "select variationIndex": (ONE + "variants = 2\npick = 3\n", "pick", "variants = 2"),
    "animations type": (ONE + '[animations.fly]\ntemplate = "fly"\n', "animations.fly.template", "'fly'"),
    "animations frameCount, 2": (ONE + RUN + "frames = 1\n", "animations.run.frames", "2 to 12 frames, not 1"),
    "animations frameCount, 12": (ONE + RUN + "frames = 13\n", "animations.run.frames", "2 to 12 frames, not 13"),
    "animations frameCount by durations": (ONE + RUN + "durations = [80]\n", "animations.run.durations", "not 1"),
    "animations fps": (ONE + RUN + "fps = 61\n", "animations.run.fps", "60"),
    "animations customDescription": (ONE + RUN + f'action = "{LONG}"\n', "animations.run.action", "501"),
    "animations archetype": ('archetype = "blob"\n' + ONE, "archetype", "humanoid"),
    "animations weaponHand": (ONE + '[weapon]\nhand = "tail"\ntype = "axe"\n', "weapon.hand", "left"),
    "animations weaponHand without weapon": (ONE + '[weapon]\nhand = "left"\n', "weapon.hand", "weapon"),
    "animations hasShield": (ONE + "[weapon]\nshield = 1\n", "weapon.shield", "boolean"),
    "animations direction": (ONE + RUN + 'directions = ["middle"]\n', "animations.run.directions", "south"),
    "animations of a single clip, frameCount": (CLIP + "frames = 13\n", "frames", "2 to 12 frames, not 13"),
    "animations of a single clip, customDescription": (CLIP.replace("waves", LONG), "action", "501"),
    "animations of a single clip, keyframes": (
        CLIP + '[[keyframes]]\nindex = 0\nsource = "a.png"\n',
        "keyframes",
        "keyframes",
    ),
    "process mode": (ONE + RUN + STABLE.format('mode = "calm"'), "refine.stabilize.mode", "tight"),
    "process colors": (ONE + RUN + STABLE.format("colors = 8"), "refine.stabilize.colors", "no colors"),
    "process of stills": (SPRITE + STABLE.format('mode = "tight"'), "refine.stabilize", "nothing"),
    "projects name": (PROJECT.format('artStyle = "pixel"'), "provider_options.project.name", "name"),
    "projects artStyle": (
        PROJECT.format('name = "a", artStyle = "oil"'),
        "provider_options.project.artStyle",
        "'oil'",
    ),
    "projects resolution": (
        PROJECT.format('name = "a", resolution = "128x128"'),
        "provider_options.project.resolution",
        "'128x128'",
    ),
    "projects viewAngle": (
        PROJECT.format('name = "a", viewAngle = "below"'),
        "provider_options.project.viewAngle",
        "'below'",
    ),
    "projects other fields": (
        PROJECT.format('name = "a", palette = "x"'),
        "provider_options.project.palette",
        "palette",
    ),
    "projects twice": (
        SPRITE + '[provider_options]\nprojectId = "p"\nproject = { name = "a" }\n',
        "provider_options.projectId",
        "project",
    ),
    "projects as text": (SPRITE + '[provider_options]\nproject = "a"\n', "provider_options.project", "table"),
    "tile-packs projectionType": (TILE + 'role = "roof"\n', "tiles.0.role", "floor"),
    "tile-packs prompt": (TILE + f'description = "{LONG}"\n', "tiles.0.description", "3 to 500"),
    "maps projectionType": (MAP + 'projection = "world"\n', "projection", "isometric"),
    "maps gridWidth": (MAP + "size = [513, 4]\n", "size.0", "512"),
    "maps tileset": (MAP + 'tileset = "asset:land"\n', "tileset", "tileset"),
    "maps without words": (MAP.replace('description = "meadow"\n', ""), "description", "nothing"),
    "maps adopted and edited": (MAP + 'adopt = "m"\n', "description", "description"),
    "music prompt": (MUSIC.replace("calm village", LONG), "description", "501"),
    "music presetSlug": (MUSIC + 'preset = "polka"\n', "preset", "'polka'"),
    "music bpm": (MUSIC + "bpm = 241\n", "bpm", "240"),
    "music duration": (MUSIC + "duration = 2.5\n", "duration", "whole seconds"),
    "music duration, 300": (MUSIC + "duration = 301\n", "duration", "300"),
}
WITHIN: dict[str, str] = {
    "prompt of 3": SPRITE.replace("mossy boulder", "abc"),
    "prompt of 500": SPRITE.replace("mossy boulder", "x" * 500),
    "2 frames": ONE + RUN + "frames = 2\n",
    "12 frames": ONE + RUN + "frames = 12\n",
    "500 characters of motion": ONE + RUN + f'action = "{"x" * 500}"\n',
    "every field of a project": PROJECT.format(
        'name = "a", description = "b", artStyle = "painterly", resolution = "16x16", viewAngle = "top-down"'
    ),
    "aggressive": ONE + RUN + STABLE.format('mode = "aggressive"'),
    "side view": MAP + 'projection = "side"\n',
}


@pytest.mark.parametrize("limit", BEYOND)
def test_beyond_a_limit_nothing_is_ordered(limit: str) -> None:
    text, field, words = BEYOND[limit]
    with pytest.raises((UserError, ValidationError)) as caught:
        steps(text)
    if isinstance(caught.value, UserError):
        assert caught.value.field == field
        assert words in caught.value.message + caught.value.hint
        assert caught.value.hint
    else:
        assert isinstance(caught.value, ValidationError)
        assert field in _places(caught.value)
        assert words in str(caught.value)


def _places(error: ValidationError) -> set[str]:
    """The fields of a spec's own errors; those of whole tables begin their message with the field."""
    found = set()
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        found |= {place, place.rpartition(".")[0], item["msg"].removeprefix("Value error, ").partition(":")[0]}
        found |= {".".join(place.split(".")[:3])}
    return found


@pytest.mark.parametrize("limit", WITHIN)
def test_at_a_limit_everything_is_ordered(limit: str) -> None:
    assert steps(WITHIN[limit])


def test_variants_and_items_are_split_where_one_order_takes_no_more() -> None:
    def sent(text: str) -> list[Step]:
        return [step for step in steps(text) if step.operation.startswith("image.")]

    variants = [step.params["request"]["variantCount"] for step in sent(SPRITE + "variants = 7\n")]
    assert variants == [3, 3, 1]
    rows = "".join(f'[[items]]\nname = "item_{number}"\n' for number in range(17))
    packs = [len(step.params["request"].get("packItems", [""])) for step in sent(ITEMS + rows)]
    assert packs == [8, 8, 1]
    assert routes.MOST_VARIANTS == 3
    assert routes.MOST_IN_PACK == 8


def test_the_published_pace_is_kept() -> None:
    limits = SprixenProvider.limits
    assert limits.per_minute == 60
    assert limits.concurrent <= 5

"""Every limit of PixelLab's API document v2, refused here before anything is asked of the service.

Rows by route. Where versions of the service differ (sides of characters from 16 or from 32, a transition of a whole
tile), the wider one is inside: the narrower version refuses for nothing, and its words lead to the same line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from bridge.providers.api import Step
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.unit.providers.limits import Limit
from tests.unit.providers.pixellab_samples import FILES, LAB, png

SPRITE = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "rock"\n'
BITFORGE = SPRITE + 'model = "bitforge"\n'
CHARACTER = 'kind = "character"\nprovider = "pixellab"\ndescription = "{}"\n'
KNIGHT = CHARACTER.format("knight")
TILESET = 'kind = "tileset"\nprovider = "pixellab"\n'
PAIR = '[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'
EDIT = 'kind = "edit"\nprovider = "pixellab"\nsource = "art/knight.png"\ndescription = "helmet"\nmask = "transparent"\n'
TURN = 'kind = "turnaround"\nprovider = "pixellab"\nsource = "art/knight.png"\nrotate = 45\n'
MOVE = 'kind = "animation"\nprovider = "pixellab"\nsource = "art/knight.png"\n'
NODS = MOVE + 'action = "nods"\n'
POSED = MOVE + '[skeleton]\nposes = "poses/walk.json"\n'
BLOCKS = 'kind = "isometric_tiles"\nprovider = "pixellab"\n'
TILE = '[[tiles]]\nname = "grass"\n'
ALL_FILES = {**FILES, **{f"{side}x32.png": png(side, 32) for side in (200, 201, 256, 257)}}


def compiled(text: str) -> Sequence[Step]:
    return compile_checked(LAB, spec_of(text), SpecContext(files=ALL_FILES))


def sized(head: str, tail: str = "", key: str = "size") -> dict[tuple[int, int], str]:
    class Sizes(dict[tuple[int, int], str]):
        def __missing__(self, size: tuple[int, int]) -> str:
            return f"{head}{key} = [{size[0]}, {size[1]}]\n{tail}"

    return Sizes()


def option(head: str, name: str, low: float, high: float, *, whole: bool = False, tail: str = "") -> Iterable[Limit]:
    """The two ends of an option's range."""
    step = 1 if whole else 0.01
    text = f"{head}{tail}[provider_options]\n{name} = "
    field = f"provider_options.{name}"
    yield Limit(f"{name} from {low}", field, f"{low:g}", [f"{text}{low}\n"], [f"{text}{low - step}\n"])
    yield Limit(f"{name} up to {high}", field, f"{high:g}", [f"{text}{high}\n"], [f"{text}{high + step}\n"])


def sides(head: str, low: int, high: int, *, key: str = "size", tail: str = "") -> Iterable[Limit]:
    """The two ends of both sides; the other side is in the middle."""
    at = sized(head, tail, key)
    other = max(48, low) if high >= 48 else low
    yield Limit(f"sides from {low}", key, f"{low}", [at[low, 64 if high >= 64 else other]], [at[low - 1, other]])
    yield Limit("the other side", key, f"{low}", [at[other, other]], [at[other, low - 1]])
    yield Limit(f"sides up to {high}", key, f"{high}", [at[high, other]], [at[high + 1, other], at[other, high + 1]])


def init(head: str, tail: str = "") -> Iterable[Limit]:
    text = f'{head}{tail}[reference]\ninit = "art/knight.png"\ninit_strength = '
    field = "reference.init_strength"
    yield Limit("init strength from 1", field, "1", [f"{text}1\n"], [f"{text}0\n"])
    yield Limit("init strength up to 999", field, "999", [f"{text}999\n"], [f"{text}1000\n"])


def words(head: str, field: str, good: str, *bad: str) -> Iterable[Limit]:
    yield Limit(
        f"{field} is a word",
        field,
        good.rpartition(" ")[2],
        [f'{head}{field} = "{good}"\n'],
        [f'{head}{field} = "{word}"\n' for word in bad],
    )


ROUTES: dict[str, list[Limit]] = {
    "pixflux": [
        *sides(SPRITE, 16, 400),
        Limit("at least 32 × 32 pixels in all", "size", "32", [sized(SPRITE)[32, 32]], [sized(SPRITE)[16, 63]]),
        *option(SPRITE, "text_guidance_scale", 1, 20),
        *init(SPRITE),
        *words(SPRITE, "outline", "selective outline", "thick"),
        *words(SPRITE, "shading", "flat shading", "soft"),
        *words(SPRITE, "detail", "medium detail", "photo"),
    ],
    "bitforge": [
        *sides(BITFORGE, 16, 200),
        *option(BITFORGE, "text_guidance_scale", 1, 20),
        *option(BITFORGE, "extra_guidance_scale", 0, 20),
        *option(BITFORGE, "skeleton_guidance_scale", 0, 5, tail='[skeleton]\nposes = "poses/one.json"\n'),
        *option(BITFORGE, "coverage_percentage", 0, 100),
        *(
            Limit(
                f"style strength {bound}",
                "reference.style_strength",
                str(bound),
                [f'{BITFORGE}[reference]\nstyle = "art/style.png"\nstyle_strength = {bound}\n'],
                [f'{BITFORGE}[reference]\nstyle = "art/style.png"\nstyle_strength = {past}\n'],
            )
            for bound, past in ((0, -1), (100, 101))
        ),
        *init(BITFORGE),
    ],
    "inpaint": [
        *sides(EDIT, 16, 200),
        *option(EDIT, "text_guidance_scale", 1, 10),
        *option(EDIT, "extra_guidance_scale", 0, 20),
        Limit(
            "the source too",
            "source",
            "200",
            [EDIT.replace("art/knight", "200x32")],
            [EDIT.replace("art/knight", "201x32")],
        ),
    ],
    "rotate": [
        *sides(TURN, 16, 200),
        *option(TURN, "image_guidance_scale", 1, 20),
        Limit(
            "the source too",
            "source",
            "200",
            [TURN.replace("art/knight", "200x32")],
            [TURN.replace("art/knight", "201x32")],
        ),
    ],
    "animate with text": [
        Limit("64 × 64 only", "size", "64", [NODS + "size = [64, 64]\n"], [NODS + "size = [32, 32]\n"]),
        Limit(
            "2 to 20 frames",
            "frames",
            "2 to 20",
            [NODS + "frames = 2\n", NODS + "frames = 20\n"],
            [NODS + "frames = 1\n", NODS + "frames = 21\n"],
        ),
        *option(NODS, "text_guidance_scale", 1, 20),
        *option(NODS, "image_guidance_scale", 1, 20),
    ],
    "animate with skeleton": [
        Limit(
            "sides up to 256",
            "size",
            "256",
            [POSED.replace("[skeleton]", "size = [256, 64]\n[skeleton]")],
            [POSED.replace("[skeleton]", "size = [257, 64]\n[skeleton]")],
        ),
        *option(POSED, "guidance_scale", 1, 20),
    ],
    "characters": [
        *sides(KNIGHT, 16, 400),
        Limit(
            "a description has up to 2000 characters",
            "description",
            "2000",
            [CHARACTER.format("k" * 2000)],
            [CHARACTER.format("k" * 2001)],
        ),
        Limit("a description has one at least", "description", "", [KNIGHT], [CHARACTER.format("")]),
        *words(KNIGHT, "proportions", "heroic", "tiny"),
        Limit(
            "factors from 0.5",
            "proportions",
            "0.5",
            [KNIGHT + "proportions = { head_size = 0.5 }\n"],
            [KNIGHT + "proportions = { head_size = 0.4 }\n"],
        ),
        Limit(
            "factors up to 2",
            "proportions",
            "2",
            [KNIGHT + "proportions = { head_size = 2.0 }\n"],
            [KNIGHT + "proportions = { head_size = 2.1 }\n"],
        ),
        Limit(
            "templates of the body",
            "animations.a.template",
            "walking-8-frames",
            [KNIGHT + '[animations.a]\ntemplate = "walking-8-frames"\n'],
            [KNIGHT + '[animations.a]\ntemplate = "walkin-8-frames"\n'],
        ),
    ],
    "tileset": [
        Limit(
            "tiles of 16 or 32",
            "tile_size",
            "32",
            [f"{TILESET}tile_size = {side}\n{PAIR}" for side in (16, 32)],
            [f"{TILESET}tile_size = {side}\n{PAIR}" for side in (8, 24, 48)],
        ),
        Limit("square tiles", "tile_size", "16×32", [], [f"{TILESET}tile_size = [16, 32]\n{PAIR}"]),
        Limit(
            "transition up to a tile",
            "transition_size",
            "1",
            [f"{TILESET}transition_size = 1.0\n{PAIR}", f"{TILESET}transition_size = 0.0\n{PAIR}"],
            [f"{TILESET}transition_size = 1.1\n{PAIR}"],
        ),
        *option(TILESET, "text_guidance_scale", 1, 20, tail=PAIR),
        *option(TILESET, "tile_strength", 0.1, 2, tail=PAIR),
        *option(TILESET, "tileset_adherence_freedom", 0, 900, tail=PAIR),
        *option(TILESET, "tileset_adherence", 0, 500, tail=PAIR),
        Limit(
            "views from above",
            "view",
            "top-down",
            [f'{TILESET}view = "{view}"\n{PAIR}' for view in ("low top-down", "high top-down")],
            [f'{TILESET}view = "side"\n{PAIR}'],
        ),
    ],
    "isometric tile": [
        *sides(BLOCKS, 16, 64, key="tile_size", tail=TILE),
        *option(BLOCKS, "text_guidance_scale", 1, 20, tail=TILE),
        *init(BLOCKS, TILE),
        Limit(
            "no black outline",
            "outline",
            "selective",
            [f'{BLOCKS}outline = "lineless"\n{TILE}'],
            [f'{BLOCKS}outline = "single color black outline"\n{TILE}'],
        ),
    ],
}
CASES = [pytest.param(limit, id=f"{route}: {limit.rule}") for route, limits in ROUTES.items() for limit in limits]


@pytest.mark.parametrize("limit", CASES)
def test_a_documented_limit(limit: Limit) -> None:
    limit.check(compiled)

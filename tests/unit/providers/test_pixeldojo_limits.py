"""Every limit that PixelDojo documents: those of all models, and those of a model's own schema, as the catalogue says.

A model that the kept catalogue does not know is checked against the documented request parameters only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bridge.providers.api import Step
from bridge.providers.pixeldojo import PixelDojoProvider
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.unit.providers.limits import Limit
from tests.unit.providers.pixeldojo_samples import DOJO, FILES, steps

PICTURE = {
    "prompt": {"type": "string", "minLength": 1, "maxLength": 200},
    "seed": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295},
    "aspect_ratio": {"type": "string", "enum": ["1:1", "16:9"]},
    "steps": {"type": "integer", "minimum": 4, "maximum": 50},
    "guidance": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 20},
    "width": {"type": "integer", "multipleOf": 64},
    "hd": {"type": "boolean"},
    "styles": {"type": "array", "items": {"enum": ["flat", "inked"]}, "minItems": 1, "maxItems": 2},
    "output_format": {"anyOf": [{"const": "png"}, {"type": "null"}]},
}
FILM = {
    "prompt": {"type": "string"},
    "seed": {"type": "integer"},
    "image_url": {"type": "string"},
    "duration": {"type": "number", "enum": [3, 5]},
    "fps": {"type": "integer", "minimum": 8},
}
MODELS = [
    {
        "apiId": name,
        "modality": modality,
        "creditCost": {"amount": 1},
        "requestSchema": {
            "type": "object",
            "required": required,
            "properties": properties,
            "additionalProperties": False,
        },
    }
    for name, modality, required, properties in (
        ("picture", "image", ["prompt"], PICTURE),
        ("small-seeds", "image", ["prompt"], {**PICTURE, "seed": {"type": "integer", "maximum": 999}}),
        ("film", "video", ["prompt", "image_url", "fps"], FILM),
    )
]
HEAD = 'kind = "sprite"\nprovider = "pixeldojo"\nmodel = "{}"\ndescription = "{}"\nsize = [64, 64]\n'
ROCK = HEAD.format("picture", "rock")
ANY = HEAD.format("not-in-the-catalogue", "rock")
MOVE = (
    'kind = "animation"\nprovider = "pixeldojo"\nmodel = "film"\naction = "hops"\n'
    'source_url = "https://example.com/a.png"\n'
)


@pytest.fixture(scope="module")
def dojo(tmp_path_factory: pytest.TempPathFactory) -> PixelDojoProvider:
    file = tmp_path_factory.mktemp("cache") / "models.json"
    file.write_text(json.dumps({"version": 1, "models": MODELS}))
    return PixelDojoProvider(file)


def option(name: str, says: str, inside: Sequence[str], beyond: Sequence[str], head: str = ROCK) -> Limit:
    text = f"{head}[provider_options]\n{name} = "
    return Limit(
        f"{name}: {says}",
        f"provider_options.{name}",
        says,
        [f"{text}{value}\n" for value in inside],
        [f"{text}{value}\n" for value in beyond],
    )


FILMED = MOVE + "[provider_options]\nfps = 8\n"
LIMITS = (
    # of a model's own schema
    Limit(
        "at most so many characters",
        "description",
        "at most 200 characters",
        [HEAD.format("picture", "x" * 150)],
        [HEAD.format("picture", "x" * 250)],
    ),
    Limit("seed: at most", "seed", "at most 999", [ROCK], [HEAD.format("small-seeds", "rock")]),
    Limit("ratio: one of", "size", "1:1, 16:9", [ROCK], [ROCK.replace("[64, 64]", "[48, 64]")]),
    option("aspect_ratio", "1:1, 16:9", ['"16:9"'], ['"9:16"']),
    option("steps", "at least 4", ["4"], ["3"]),
    option("steps", "at most 50", ["50"], ["51"]),
    option("steps", "integer", ["20"], ["20.5", '"20"', "true"]),
    option("guidance", "more than 0", ["0.1"], ["0"]),
    option("guidance", "less than 20", ["19.9"], ["20"]),
    option("width", "multiple of 64", ["128"], ["100"]),
    option("hd", "boolean", ["true"], ["1", '"yes"']),
    option("styles", "flat, inked", ['["flat"]'], ['["gothic"]']),
    option("styles", "at least 1 items", ['["flat"]'], ["[]"]),
    option("styles", "at most 2 items", ['["flat", "inked"]'], ['["flat", "inked", "flat"]']),
    option("output_format", "png", ['"png"'], ['"webp"']),
    option("negative_prompt", "does not know it", [], ['"moss"']),
    option("image_url", "know", [], ['"https://example.com/a.png"']),
    Limit(
        "duration: one of",
        "provider_options.duration",
        "3, 5",
        [f"{FILMED}duration = 5\n"],
        [f"{FILMED}duration = 4\n"],
    ),
    Limit("what the model needs", "provider_options.fps", "needs it", [FILMED], [MOVE]),
    # of kinds of models
    Limit("pictures of picture models", "model", "image", [ROCK], [HEAD.format("film", "rock")]),
    Limit("clips of video models", "model", "video", [FILMED], [FILMED.replace('"film"', '"picture"')]),
    # of all models ("Request Parameters")
    Limit("a prompt", "description", "", [ANY], [HEAD.format("not-in-the-catalogue", "")]),
    Limit("a model", "model", "providers models", [ANY], [ANY.replace('model = "not-in-the-catalogue"\n', "")]),
    Limit("the id of a model", "model", "catalogue", [ANY], [HEAD.format(name, "rock") for name in ("a/../b", "a b")]),
    option("aspect_ratio", "string", ['"7:3"'], ["1.5"], ANY),
    option("duration", "more than 0", ["2"], ["0", "-1"], MOVE.replace('"film"', '"new-film"')),
    option("duration", "number", ["2"], ['"2"'], MOVE.replace('"film"', '"new-film"')),
    option("num_outputs", "variants", [], ["2"], ANY),
    option("seed", "`seed`", [], ["2"], ANY),
    option("prompt", "description", [], ['"x"'], ANY),
    option("webhook_url", "remove", [], ['"https://example.com"'], ANY),
)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.rule)
def test_a_documented_limit(dojo: PixelDojoProvider, limit: Limit) -> None:
    def compiled(text: str) -> Sequence[Step]:
        return compile_checked(dojo, spec_of(text), SpecContext(files=FILES))

    limit.check(compiled)


def test_a_new_model_is_let_through() -> None:
    """Its own limits are the service's to say: a refusal costs nothing."""
    assert steps(ANY + '[provider_options]\nwhatever = 3\naspect_ratio = "21:9"\n', DOJO)


def test_a_catalogue_that_is_damaged_is_none(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"version": 2}', '{"version": 1, "models": 3}', '{"version": 1, "models": [3, {}]}'):
        file = tmp_path / "models.json"
        file.write_text(text)
        assert steps(ANY, PixelDojoProvider(file))

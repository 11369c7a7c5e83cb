"""PixelDojo: specs as steps, what is refused before any money, and the bodies of orders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.core.errors import UserError
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.pixeldojo import PixelDojoProvider, catalogue
from bridge.providers.pixeldojo.compile import nearest_ratio
from bridge.providers.pixeldojo.schema import mistake
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.unit.providers.pixeldojo_samples import ANIMATION, DOJO, EDIT, FILES, SPRITE, steps

MOVE = ANIMATION.partition("[provider_options]")[0]
PLAIN_EDIT = EDIT.partition("[provider_options]")[0]

MOVE_FILE = MOVE.replace("source_url", "source").replace("https://example.com", "art")


def refused(text: str, code: str, field: str, provider: PixelDojoProvider = DOJO) -> UserError:
    with pytest.raises(UserError) as caught:
        steps(text, provider)
    assert (caught.value.code, caught.value.field) == (code, field), caught.value.message
    return caught.value


def kept(folder: Path, **model: Any) -> PixelDojoProvider:
    """A provider whose kept catalogue has one model."""
    file = folder / "models.json"
    file.write_text(json.dumps({"version": 1, "models": [model]}))
    return PixelDojoProvider(file)


def test_a_sprite_is_one_job_a_variant() -> None:
    first, second = steps(SPRITE)
    order = DOJO.order(first, {}, {})
    assert order.path == "/models/pixel-image/run"
    assert order.body == {
        "prompt": "mossy boulder, isolated on a plain background of one colour",
        "aspect_ratio": "4:3",
        "seed": 1000,
    }
    assert DOJO.order(second, {}, {}).body["seed"] == 1001
    assert (first.price.unit, first.price.amount) == ("credits", None)


def test_what_a_model_does_not_take_can_be_left_out() -> None:
    step = steps(SPRITE + '[provider_options]\nomit = ["seed", "aspect_ratio"]\nstyle = "isometric"')[0]
    assert set(DOJO.order(step, {}, {}).body) == {"prompt", "style"}
    again = steps(SPRITE + 'take = 2\n[provider_options]\nomit = ["seed", "aspect_ratio"]\nstyle = "isometric"')[0]
    assert step.seed is not None
    assert again.params == step.params


def test_pictures_go_as_addresses() -> None:
    (edit,) = steps(EDIT)
    (clip,) = steps(ANIMATION)
    assert DOJO.order(edit, {"source": b"never sent"}, {}).body == {
        "prompt": "a golden helmet",
        "image_url": "https://example.com/knight.png",
        "seed": 1000,
    }
    assert [item.role for item in edit.inputs] == ["source"]
    assert DOJO.order(clip, {}, {}).body == {
        "prompt": "raises the shield",
        "image_url": "https://example.com/knight.png",
        "duration": 3,
        "seed": 1000,
    }


def test_a_file_is_sent_as_the_address_that_it_gets_when_it_is_ordered() -> None:
    (clip,) = compile_checked(DOJO, spec_of(MOVE_FILE), SpecContext(files=FILES))
    assert [(item.role, item.by_url) for item in clip.inputs] == [("source", True)]
    assert "https" not in json.dumps(clip.params)
    body = DOJO.order(clip, {"source": b"https://files.example.com/1.png"}, {}).body
    assert body["image_url"] == "https://files.example.com/1.png"


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (SPRITE.replace('model = "pixel-image"\n', ""), "spec_invalid", "model"),
        (SPRITE.replace("pixel-image", "../jobs"), "provider_limit", "model"),
        (
            PLAIN_EDIT + '[provider_options]\nimage_url = "http://x/y.png"',
            "provider_limit",
            "provider_options.image_url",
        ),
        (PLAIN_EDIT + "[provider_options]\nimage_url = 3", "provider_limit", "provider_options.image_url"),
        (ANIMATION + 'image_url = "https://x/y"', "spec_not_applicable", "provider_options.image_url"),
        (EDIT.replace('source = "art/knight.png"', 'source = "asset:art/hero"'), "provider_limit", "source"),
        (
            PLAIN_EDIT.replace('source = "art/', 'source_url = "https://example.com/'),
            "provider_limit",
            "source_url",
        ),
        (EDIT.replace("[4, 8, 10, 6]", "[40, 8, 10, 6]"), "provider_limit", "mask"),
        (EDIT.replace("[4, 8, 10, 6]", '"transparent"'), "provider_limit", "mask"),
        (EDIT.replace("[4, 8, 10, 6]", '"art/none.png"'), "source_missing", "mask"),
        (SPRITE + "[provider_options]\nnum_outputs = 4", "spec_not_applicable", "provider_options.num_outputs"),
        (SPRITE + '[provider_options]\nprompt = "x"', "spec_not_applicable", "provider_options.prompt"),
        (SPRITE + "[provider_options]\nseed = 1", "spec_not_applicable", "provider_options.seed"),
        (SPRITE + '[provider_options]\nomit = "seed"', "provider_limit", "provider_options.omit"),
        (SPRITE + "[provider_options]\naspect_ratio = 1.5", "provider_limit", "provider_options.aspect_ratio"),
        (ANIMATION.replace("duration = 3", "duration = 0"), "provider_limit", "provider_options.duration"),
        (SPRITE + 'negative = "moss"', "spec_not_applicable", "negative"),
        (SPRITE + 'adopt = "job_1"', "spec_not_applicable", "adopt"),
        (SPRITE + '[reference]\nstyle_url = "https://x/y"', "spec_not_applicable", "reference"),
        (MOVE + "variants = 2", "spec_not_applicable", "variants"),
        (MOVE + 'view = "side"', "spec_not_applicable", "view"),
        (MOVE + '[[retakes]]\nframes = [0, 1]\naction = "x"', "spec_not_applicable", "retakes"),
        ('kind = "items"\nprovider = "pixeldojo"\n[[items]]\nname = "a"', "provider_kind", "kind"),
    ],
)
def test_what_cannot_be_made_is_refused_on_its_line(text: str, code: str, field: str) -> None:
    assert refused(text, code, field).message


def test_what_is_local_buys_nothing() -> None:
    """Frames and masks are applied here: another number or another mask is the same order, and another picture."""
    pairs = [
        (ANIMATION, ANIMATION.replace("frames = 4", "frames = 6")),
        (EDIT, EDIT.replace("[4, 8, 10, 6]", "[0, 0, 3, 3]")),
        (EDIT, EDIT.replace("[4, 8, 10, 6]", '"art/mask.png"')),
        (EDIT, EDIT.replace("mask =", "keep_outside = false\nmask =")),
    ]
    for one, other in pairs:
        (before,), (after,) = steps(one), steps(other)
        assert step_fingerprint(before, {}) == step_fingerprint(after, {})
        assert before.key != after.key


def test_without_keep_outside_an_address_alone_will_do() -> None:
    text = PLAIN_EDIT.replace('source = "art/', 'keep_outside = false\nsource_url = "https://example.com/')
    (step,) = steps(text)
    assert step.params["request"]["image_url"] == "https://example.com/knight.png"


@pytest.mark.parametrize(
    ("size", "ratio"), [((32, 32), "1:1"), ((64, 36), "16:9"), ((36, 64), "9:16"), ((48, 32), "3:2"), ((33, 32), "1:1")]
)
def test_the_nearest_ratio(size: tuple[int, int], ratio: str) -> None:
    assert nearest_ratio(*size) == ratio


def test_a_known_schema_is_kept(tmp_path: Path) -> None:
    schema = {
        "required": ["prompt"],
        "properties": {"prompt": {"type": "string", "maxLength": 80}, "style": {"enum": ["flat", "round"]}},
        "additionalProperties": False,
    }
    provider = kept(tmp_path, apiId="pixel-image", modality="image", requestSchema=schema)
    assert "omit" in refused(SPRITE, "provider_limit", "size", provider).hint
    options = '[provider_options]\nomit = ["seed", "aspect_ratio"]\n'
    assert steps(SPRITE + options + 'style = "flat"', provider)
    refused(SPRITE + options + 'style = "odd"', "provider_limit", "provider_options.style", provider)
    refused(SPRITE + options + "glow = true", "provider_limit", "provider_options.glow", provider)
    long = SPRITE.replace("mossy", "very " * 30)
    refused(long + options, "provider_limit", "description", provider)


def test_a_model_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    refused(SPRITE, "provider_limit", "model", kept(tmp_path, apiId="pixel-image", modality="video"))


@pytest.mark.parametrize(
    ("cost", "price"),
    [
        ({"default": 0.2, "type": "per_image", "amount": 0.1}, "0.1"),
        ({"default": 1.5}, "1.5"),
        (2, "2"),
        ({}, "None"),
        (None, "None"),
    ],
)
def test_prices_in_every_shape(cost: Any, price: str, tmp_path: Path) -> None:
    provider = kept(tmp_path, apiId="pixel-image", modality="image", creditCost=cost)
    assert str(steps(SPRITE, provider)[0].price.amount) == price


def test_a_video_of_unknown_length_has_no_price(tmp_path: Path) -> None:
    provider = kept(tmp_path, apiId="motion-video", modality="video", creditCost={"amount": 0.7, "type": "per_second"})
    assert steps(MOVE, provider)[0].price.amount is None
    assert str(steps(ANIMATION, provider)[0].price.amount) == "2.1"


@pytest.mark.parametrize("text", ["", "[]", "null", '{"version": 2, "models": [{"apiId": "x"}]}', '{"version": 1}'])
def test_a_strange_catalogue_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text(text)
    assert catalogue.read(tmp_path / "models.json") == {}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [1, 2.0], [1.5, "1", True, None]),
        ({"type": ["number", "null"]}, [1, 0.5, None], ["1", False]),
        ({"type": "string", "nullable": True}, ["", None], [1]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd"]),
        ({"minimum": 1, "maximum": 4}, [1, 4, "text"], [0, 5]),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, [0.5], [0, 1]),
        ({"multipleOf": 0.1}, [0.3, 1], [0.35]),
        ({"enum": [1, "a"]}, [1, "a"], [True, 2]),
        ({"const": "x"}, ["x"], ["y"]),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ["a", 3], [1.5]),
        ({"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}}, [["a"]], [[], [1], ["a"] * 3]),
        ({"type": "object"}, [{}], [[]]),
        ({"unknown": True}, [1, "a", None], []),
    ],
)
def test_schemas(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    whole = {"properties": {"field": schema}}
    assert [value for value in good if mistake({"field": value}, whole)] == []
    assert [value for value in bad if not mistake({"field": value}, whole)] == []

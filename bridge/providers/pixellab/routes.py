"""The operations: path, request body, price, and which field of a spec a field of the body comes from.

Prices are estimates as users of August 2026 report them; the charge that the service states counts. Subscriptions count
in generations, accounts with credits in US dollars. Those of one route differ by size: the highest reported one stands
here, so that a budget is not exceeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import BaseModel

from bridge.providers.api import FREE, Price
from bridge.providers.pixellab import requests

NAME = "pixellab"


@dataclass(frozen=True, slots=True)
class PixelLabRoute:
    """One operation.

    pictures: fields of the body that hold pictures; they are filled in when the order is written.
    fields: field of the body → field of the spec; `{}` is the field that the step comes from (`animations.walk`).
    options: fields of the body that `provider_options` may set.
    """

    path: str
    body: type[BaseModel]
    price: Price
    pictures: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    options: frozenset[str] = frozenset()


def _price_in_generations(amount: str) -> Price:
    return Price("generations", Decimal(amount))


_STYLE = {"outline": "outline", "shading": "shading", "detail": "detail", "color_image": "reference.colors"}
_COMMON = _STYLE | {
    "negative_description": "negative",
    "image_size": "size",
    "view": "view",
    "direction": "direction",
    "isometric": "projection",
    "oblique_projection": "projection",
    "no_background": "transparent",
    "init_image": "reference.init",
    "init_image_strength": "reference.init_strength",
    "style_image": "reference.style",
    "style_strength": "reference.style_strength",
    "seed": "seed",
}
_DRAWN = _COMMON | {"description": "{}"}
_CHARACTER = _COMMON | {
    "description": "description",
    "proportions": "proportions",
    "force_colors": "reference.force_colors",
}
_GUIDED = frozenset({"text_guidance_scale"})
_CREATED = PixelLabRoute(
    "/create-character-with-4-directions",
    requests.Character,
    _price_in_generations("1"),
    ("color_image",),
    _CHARACTER,
    _GUIDED | {"template_id"},
)

ROUTES: Mapping[str, PixelLabRoute] = {
    "image.pixflux": PixelLabRoute(
        "/create-image-pixflux",
        requests.Pixflux,
        _price_in_generations("1"),
        ("init_image", "color_image"),
        _DRAWN,
        _GUIDED,
    ),
    "image.bitforge": PixelLabRoute(
        "/create-image-bitforge",
        requests.Bitforge,
        _price_in_generations("1"),
        ("init_image", "style_image", "color_image"),
        _DRAWN,
        _GUIDED | {"extra_guidance_scale", "coverage_percentage", "skeleton_guidance_scale"},
    ),
    "image.inpaint": PixelLabRoute(
        "/inpaint",
        requests.Inpaint,
        _price_in_generations("1"),
        ("inpainting_image", "mask_image", "init_image", "color_image"),
        _DRAWN | {"inpainting_image": "source", "mask_image": "mask"},
        _GUIDED | {"extra_guidance_scale", "direction"},
    ),
    "image.rotate": PixelLabRoute(
        "/rotate",
        requests.Rotate,
        _price_in_generations("1"),
        ("from_image", "init_image", "color_image"),
        _COMMON
        | {
            "from_image": "source",
            "from_direction": "direction",
            "to_direction": "directions",
            "direction_change": "rotate",
            "view_change": "tilt",
            "from_view": "from_view",
            "to_view": "to_view",
        },
        frozenset({"image_guidance_scale", "isometric", "oblique_projection"}),
    ),
    "clip.text": PixelLabRoute(
        "/animate-with-text",
        requests.AnimateWithText,
        _price_in_generations("1"),
        ("reference_image", "color_image"),
        _COMMON
        | {
            "description": "description",
            "action": "action",
            "reference_image": "source",
            "n_frames": "frames",
            "start_frame_index": "frames",
        },
        _GUIDED | {"image_guidance_scale"},
    ),
    "clip.skeleton": PixelLabRoute(
        "/animate-with-skeleton",
        requests.AnimateWithSkeleton,
        _price_in_generations("1"),
        ("reference_image", "color_image"),
        _COMMON | {"reference_image": "source", "skeleton_keypoints": "skeleton.poses"},
        frozenset({"guidance_scale", "isometric", "oblique_projection"}),
    ),
    "skeleton.estimate": PixelLabRoute(
        "/estimate-skeleton", requests.EstimateSkeleton, _price_in_generations("0.1"), ("image",), {"image": "source"}
    ),
    "character.create_4": _CREATED,
    "character.create_8": PixelLabRoute(
        "/create-character-with-8-directions",
        _CREATED.body,
        _CREATED.price,
        _CREATED.pictures,
        _CREATED.fields,
        _CREATED.options,
    ),
    "character.adopt": PixelLabRoute("", BaseModel, FREE, fields={"character_id": "adopt"}),
    "character.animate": PixelLabRoute(
        "/characters/animations",
        requests.CharacterClip,
        _price_in_generations("1"),
        ("color_image",),
        _STYLE
        | {
            "template_animation_id": "{}.template",
            "action_description": "{}.action",
            "directions": "{}.directions",
            "seed": "{}.seed",
            "isometric": "projection",
            "force_colors": "reference.force_colors",
        },
        _GUIDED | {"description", "outline", "shading", "detail"},
    ),
    "tileset.create": PixelLabRoute(
        "/create-tileset",
        requests.Tileset,
        _price_in_generations("3"),
        ("lower_reference_image", "upper_reference_image", "transition_reference_image", "color_image"),
        _STYLE
        | {
            "lower_description": "terrains",
            "upper_description": "terrains",
            "transition_description": "transitions",
            "tile_size": "tile_size",
            "transition_size": "transition_size",
            "view": "view",
            "seed": "seed",
            "lower_reference_image": "terrains",
            "upper_reference_image": "terrains",
            "transition_reference_image": "transitions",
        },
        _GUIDED | {"tile_strength", "tileset_adherence", "tileset_adherence_freedom"},
    ),
    "tileset.adopt": PixelLabRoute("", BaseModel, FREE, fields={"tileset_id": "adopt"}),
    "isometric.create": PixelLabRoute(
        "/create-isometric-tile",
        requests.IsometricTile,
        _price_in_generations("1"),
        ("init_image", "color_image"),
        _DRAWN | {"image_size": "tile_size", "isometric_tile_shape": "shape"},
        _GUIDED | {"isometric_tile_size"},
    ),
}

_DOLLARS: Mapping[str, Decimal] = {
    "image.pixflux": Decimal("0.017"),
    "image.bitforge": Decimal("0.017"),
    "image.inpaint": Decimal("0.017"),
    "image.rotate": Decimal("0.012"),
    "clip.text": Decimal("0.0157"),
    "clip.skeleton": Decimal("0.014"),
    "skeleton.estimate": Decimal("0.005"),
    "character.create_4": Decimal("0.0173"),
    "character.create_8": Decimal("0.0173"),
    "character.animate": Decimal("0.096"),
    "tileset.create": Decimal("0.0099"),
    "isometric.create": Decimal("0.016"),
}


def prices_of(operation: str) -> dict[str, Price]:
    """What an operation costs by unit: a subscription's generations are used up before credits are."""
    price = ROUTES[operation].price
    return {price.unit: price, "usd": Price("usd", _DOLLARS.get(operation))} if price.unit else {}


def spec_field(operation: str, location: tuple[str | int, ...], of: str) -> str:
    """The field of the spec behind a place in a request; `of` is the field that the step comes from.

    Empty where no field of the spec is to blame.
    """
    route = ROUTES.get(operation)
    names = [str(part) for part in location if part != "body"]
    if route is None or not names:
        return ""
    if names[0] in route.options:
        table = f"{of}." if operation == "character.animate" else ""
        return f"{table}provider_options.{names[0]}"
    return route.fields.get(names[0], "").format(of)

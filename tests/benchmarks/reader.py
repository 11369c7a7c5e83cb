"""Judges sheets by their PNG and JSON files alone, whoever made them: nothing of the exporters is used here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame's box is on a page, where the box is in the whole frame, and how large that is; pixels."""

    page: Path
    box: tuple[int, int, int, int]
    offset: tuple[int, int]
    whole: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sheet is worth.

    exact: frames that come out as they went in. stored: boxes on the pages. full: percent of the pages' area that the
    trimmed frames need when each picture is kept once. aspect: of the longest page, long side to short. bytes: of the
    PNG files.
    """

    exact: int
    stored: int
    full: float
    aspect: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Truth:
    """The frames that went in, by name, and their different pictures, trimmed."""

    frames: Mapping[str, Image.Image]
    pictures: Sequence[Image.Image]

    @property
    def area(self) -> int:
        """Pixels of the different pictures."""
        return sum(picture.width * picture.height for picture in self.pictures)


def truth_of(folder: Path) -> Truth:
    """The PNG files of a folder; no frame is empty."""
    frames, pictures = {}, {}
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            frames[path.stem] = image.convert("RGBA")
        trimmed = frames[path.stem].crop(frames[path.stem].getchannel("A").getbbox())
        pictures[trimmed.size, trimmed.tobytes()] = trimmed
    return Truth(frames, list(pictures.values()))


def judged(made: Path, truth: Truth) -> Judged:
    """Judges the pages and their JSON in a folder.

    Raises:
        ValueError: the folder has no page, or its JSON is of no form that is known here.
    """
    places = {name: place for path in sorted(made.rglob("*.json")) for name, place in _places(path).items()}
    pages = {}
    for path in sorted({place.page for place in places.values()}):
        with Image.open(path) as image:
            pages[path] = image.convert("RGBA")
    if not pages:
        raise ValueError("no sheet was written")
    return Judged(
        exact=sum(
            name in places and _same(_rebuilt(places[name], pages[places[name].page]), frame)
            for name, frame in truth.frames.items()
        ),
        stored=len({(place.page, place.box) for place in places.values()}),
        full=100 * truth.area / sum(page.width * page.height for page in pages.values()),
        aspect=max(max(page.size) / min(page.size) for page in pages.values()),
        bytes=sum(path.stat().st_size for path in pages),
    )


def _places(path: Path) -> dict[str, Place]:
    document = json.loads(path.read_text(encoding="utf-8"))
    frames = document["frames"]
    if isinstance(frames, list):
        frames = {frame["filename"]: frame for frame in frames}
    # Some name the picture in `meta`, by its name or by its whole path; the others call both files the same.
    page = path.parent / (document.get("meta", {}).get("image") or f"{path.stem}.png")
    return {name.removesuffix(".png"): _place(page, frame) for name, frame in frames.items()}


def _place(page: Path, frame: Mapping[str, Any]) -> Place:
    if "frame" not in frame:  # the form of sprak
        return Place(
            page,
            (frame["x"], frame["y"], frame["width"], frame["height"]),
            (frame["offset_x"], frame["offset_y"]),
            (frame["source_width"], frame["source_height"]),
        )
    if frame.get("rotated"):
        raise ValueError(f"{page.name} has a frame on its side: rotation was to be off")
    box, inner, whole = frame["frame"], frame["spriteSourceSize"], frame["sourceSize"]
    # Only the position of `spriteSourceSize` counts: PyTexturePacker has its right lower corner for its size.
    return Place(page, (box["x"], box["y"], box["w"], box["h"]), (inner["x"], inner["y"]), (whole["w"], whole["h"]))


def _rebuilt(place: Place, page: Image.Image) -> Image.Image:
    x, y, width, height = place.box
    whole = Image.new("RGBA", place.whole)
    whole.paste(page.crop((x, y, x + width, y + height)), place.offset)
    return whole


def _same(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures look the same: colours behind full transparency do not count."""
    if one.size != other.size:
        return False
    return ImageChops.difference(_cleared(one), _cleared(other)).getbbox(alpha_only=False) is None


def _cleared(image: Image.Image) -> Image.Image:
    solid = image.getchannel("A").point(lambda alpha: 255 * (alpha > 0))
    return Image.composite(image, Image.new("RGBA", image.size), solid)

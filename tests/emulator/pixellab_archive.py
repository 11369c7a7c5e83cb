"""GET /characters/ID/zip of the emulated PixelLab (export version 2.0): stored entries, no key needed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import defaultdict
from typing import Any

from tests.emulator.http import Response
from tests.emulator.personality import Call
from tests.emulator.pixellab_characters import drawer, gone
from tests.emulator.pixellab_world import Clip, Figure, Refusal, World

Frames = dict[str, dict[str, list[str]]]  # animation key, direction, paths


def export(world: World, _call: Call, character_id: str) -> Response:
    """The ZIP, 423 while the character or any animation is in work, 404 for an unknown or expired character."""
    figure = world.figures.get(character_id)
    if figure is None or gone(world, figure.job) or (figure.job.broken and world.now >= figure.job.ready):
        raise Refusal(404, "Character not found")
    if any(
        world.now < job.ready for job in (figure.job, *(job for clip in figure.clips for job in clip.jobs.values()))
    ):
        raise world.locked("Character")
    return Response(200, _packed(world, figure), "application/zip")


def _packed(world: World, figure: Figure) -> bytes:
    style = world.variant.zip
    files: dict[str, bytes] = {}
    rotations = {}
    for name in figure.directions:
        rotations[name] = f"{style.folder}rotations/{name}.png"
        files[rotations[name]] = drawer(world, figure, name)()
    animations: Frames = defaultdict(lambda: defaultdict(list))
    for clip in figure.clips:
        _add_clip(world, figure, clip, files, animations)
    if style.metadata:
        document = _metadata(world, figure, rotations, animations)
        files[f"{style.folder}metadata.json"] = json.dumps(document, indent=2).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return buffer.getvalue()


def _add_clip(world: World, figure: Figure, clip: Clip, files: dict[str, bytes], animations: Frames) -> None:
    style = world.variant.zip
    for direction, job in clip.jobs.items():
        if not job.done(world.now) or direction in style.missing:
            continue
        key = _key(world, clip) + (f"-{direction}" if style.split else "")
        for frame in range(clip.frames):
            path = f"{style.folder}animations/{key}/{direction}/frame_{frame:03}.png"
            files[path] = drawer(world, figure, direction, clip, frame)()
            animations[key][direction] += [path] * (2 if style.repeats else 1)


def _key(world: World, clip: Clip) -> str:
    match world.variant.zip.keys:
        case "template":
            return clip.template
        case "uuid":
            return f"animation-{clip.group}"
        case "named":
            name = clip.name or clip.template.replace("-", " ").title()
            return f"{re.sub(r'[^A-Za-z0-9]+', '_', name).strip('_')}-{clip.group[:8]}"


def _metadata(world: World, figure: Figure, rotations: dict[str, str], animations: Frames) -> dict[str, Any]:
    return {
        "character": {
            "id": figure.id,
            "name": figure.request["description"][:50],
            "prompt": figure.request["description"],
            "size": {"width": figure.canvas[0], "height": figure.canvas[1]},
            "directions": len(figure.directions),
            "view": figure.request["view"] or "low top-down",
        },
        "frames": {"rotations": rotations, "animations": animations},
        "export_version": "2.0",
        "export_date": world.stamp(world.now),
    }

"""Characters and their animations in the emulated PixelLab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.emulator import pictures
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pictures import Pixels
from tests.emulator.pixellab_images import opened
from tests.emulator.pixellab_requests import Animation, Character
from tests.emulator.pixellab_world import DIRECTIONS, Account, Clip, Figure, Job, Refusal, World, only_for, page

SHARE_2025 = 60  # percent of the canvas that a character fills
GROWTH = (14, 10)  # canvas of 2026 over the size asked for, rounded up to a multiple of 4
HUMAN_TEMPLATES = frozenset({
    "walk", "walk-1", "walk-2", "walking", "walking-2", "walking-3", "walking-4", "walking-5", "walking-6",
    "walking-7", "walking-8", "walking-9", "walking-10", "walking-4-frames", "walking-6-frames", "walking-8-frames",
    "running-4-frames", "running-6-frames", "running-8-frames", "running-slide", "crouched-walking", "crouching",
    "sad-walk", "scary-walk", "breathing-idle", "fight-stance-idle-8-frames", "backflip", "front-flip",
    "getting-up", "jumping-1", "jumping-2", "running-jump", "two-footed-jump", "cross-punch", "lead-jab",
    "surprise-uppercut", "hurricane-kick", "roundhouse-kick", "high-kick", "flying-kick", "leg-sweep", "fireball",
    "taking-punch", "falling-back-death", "drinking", "picking-up", "pull-heavy-object", "pushing", "throw-object",
})  # fmt: skip


def frame_count(template: str) -> int:
    """Frames of a template: the number in its name where there is one, else 4 for idling and 6 for the rest."""
    named = re.search(r"-(\d+)-frames$", template)
    return int(named[1]) if named else 4 if "idle" in template else 6


def create(world: World, call: Call, account: Account, body: Character, *, directions: int) -> Response:
    """POST /create-character-with-N-directions: the id is real at once, the pictures come with the job."""
    palette = None if body.color_image is None else opened(body.color_image, "color_image")
    world.make_room(account)
    character_id = world.new_id()
    charge = world.pay(call, account, f"character-{directions}", remote_id=character_id)
    names = DIRECTIONS[directions]
    job = world.start(
        call,
        account,
        "character",
        charge,
        call.fate,
        {
            "character_id": character_id,
            "character_name": body.description[:50],
            "character_prompt": body.description,
            "directions_count": directions,
            "directions_type": f"{directions}-directions",
            "saved_to_storage": True,
            "uploaded_directions": list(names),
        },
    )
    request = body.model_dump(mode="json")
    canvas = _canvas(world, body.image_size.width, body.image_size.height)
    figure = Figure(character_id, job, call.body_hash, request, names, canvas, palette)
    world.figures[character_id] = figure
    return json_response(200, _accepted(world, background_job_id=job.id, character_id=character_id))


def _accepted(world: World, **ids: Any) -> dict[str, Any]:
    return {**ids, "status": "processing", "usage": world.usage(None)}


def _canvas(world: World, width: int, height: int) -> tuple[int, int]:
    if world.variant.canvas == "as_asked":
        return width, height
    width, height = (-(-side * GROWTH[0] // (GROWTH[1] * 4)) * 4 for side in (width, height))
    return width, height


def animate(world: World, call: Call, account: Account, body: Animation) -> Response:
    """POST /characters/animations and /animate-character: one job and one price per direction, any may fail alone."""
    figure = owned(world, account, body.character_id)
    if not figure.job.done(world.now):
        raise Refusal(422, "Character is not ready to be animated")
    if body.template_animation_id not in HUMAN_TEMPLATES:
        raise Refusal(422, f"Template animation '{body.template_animation_id}' not found")
    wanted: tuple[str, ...] = tuple(dict.fromkeys(body.directions or figure.directions))
    if missing := [name for name in wanted if name not in figure.directions]:
        raise Refusal(400, f"Character has no directions {', '.join(missing)}")
    wanted = tuple(name for name in wanted if name not in world.variant.unlisted)
    world.make_room(account, len(wanted))
    group = world.new_id()
    charge = world.pay(call, account, "animation", len(wanted), remote_id=group)
    template = body.template_animation_id
    frames = frame_count(template) + world.variant.extra_frames
    clip = Clip(group, template, body.animation_name or body.action_description or "", frames, {})
    for name in wanted:
        fate = "failed" if name in world.variant.failing else only_for(call.fate, name)
        result = {"animation_id": group, "character_id": figure.id, "direction": name, "frame_count": frames}
        clip.jobs[name] = world.start(call, account, "animation", charge, fate, result)
    figure.clips.append(clip)
    jobs = [job.id for job in clip.jobs.values()]
    document = _accepted(world, background_job_ids=jobs, directions=list(clip.jobs))
    return json_response(200, document | {"enhanced_prompt": None, "enhance_usage": None})


def listing(world: World, call: Call, account: Account) -> Response:
    """GET /characters, newest first."""
    mine = [figure for figure in reversed(world.figures.values()) if figure.job.owner is account]
    shown = [_summary(world, figure) for figure in page(mine, call.request.query)]
    return json_response(200, {"characters": shown, "total": len(mine), "usage": None})


def detail(world: World, _call: Call, account: Account, character_id: str) -> Response:
    """GET /characters/ID."""
    figure = owned(world, account, character_id)
    ready = figure.job.done(world.now)
    document = _summary(world, figure) | {
        "rotation_urls": _rotation_urls(world, figure) if ready else None,
        "skeletons": None,
        "style_settings": {name: figure.request[name] for name in ("outline", "shading", "detail")},
        "guidance": figure.request["text_guidance_scale"] or 8.0,
        "ai_freedom": 650,
    }
    if world.variant.listed:
        document["animations"] = [entry for clip in figure.clips if (entry := _clip_entry(world, figure, clip))]
    return json_response(200, document)


def owned(world: World, account: Account, character_id: str) -> Figure:
    """The account's character. Raises Refusal: 403 for somebody else's, 404 for an unknown or expired one."""
    figure = world.figures.get(character_id)
    if figure is None or gone(world, figure.job):
        raise Refusal(404, "Character not found")
    if figure.job.owner is not account:
        raise Refusal(403, "Character belongs to another user")
    return figure


def gone(world: World, job: Job) -> bool:
    """Whether a result has expired."""
    return job.fate == "expired" and world.now >= job.ready


def _summary(world: World, figure: Figure) -> dict[str, Any]:
    job = figure.job
    failed = job.broken and world.now >= job.ready
    done = job.done(world.now)
    return {
        "id": figure.id,
        "name": figure.request["description"][:50],
        "prompt": figure.request["description"],
        "size": {"width": figure.canvas[0], "height": figure.canvas[1]},
        "directions": len(figure.directions),
        "view": figure.request["view"] or "low top-down",
        "template_id": figure.request.get("template_id") or "mannequin",
        "created_at": world.stamp(job.created),
        "updated_at": world.stamp(job.created),
        "animation_count": sum(bool(_finished(world, clip)) for clip in figure.clips),
        "preview_url": _rotation_urls(world, figure)["south"] if done else None,
        "tags": [],
        "status": "failed" if failed else "completed" if done else "pending",
        "group_id": None,
        "state_name": None,
    }


def _rotation_urls(world: World, figure: Figure) -> dict[str, str | None]:
    urls: dict[str, str | None] = dict.fromkeys(DIRECTIONS[8])
    for name in figure.directions:
        urls[name] = world.image_url(_folder(figure) + f"rotations/{name}.png", drawer(world, figure, name))
    return urls


def _folder(figure: Figure) -> str:
    return f"pixellab-characters/{figure.job.owner.user}/{figure.id}/"


def _finished(world: World, clip: Clip) -> list[str]:
    return [name for name, job in clip.jobs.items() if job.done(world.now)]


def _clip_entry(world: World, figure: Figure, clip: Clip) -> dict[str, Any] | None:
    directions = [
        {"direction": name, "frame_count": clip.frames, "frames": list(_frame_urls(world, figure, clip, name))}
        for name in _finished(world, clip)
    ]
    if not directions:
        return None
    return {
        "animation_type": clip.template,
        "animation_group_id": clip.group,
        "display_name": clip.name or None,
        "directions": directions,
    }


def _frame_urls(world: World, figure: Figure, clip: Clip, direction: str) -> Iterator[str]:
    for frame in range(clip.frames):
        path = f"{_folder(figure)}animations/{clip.group}/{direction}/{frame}.png"
        yield world.image_url(path, drawer(world, figure, direction, clip, frame))


def drawer(
    world: World, figure: Figure, direction: str, clip: Clip | None = None, frame: int = 0
) -> Callable[[], bytes]:
    """Draws one rotation, or one frame of a clip, as PNG bytes when called."""
    return partial(_drawn, world, figure, direction, clip, frame)


def _drawn(world: World, figure: Figure, direction: str, clip: Clip | None, frame: int) -> bytes:
    share = SHARE_2025 if world.variant.canvas == "as_asked" else 100 * GROWTH[1] // GROWTH[0]
    shown: Pixels = pictures.figure(figure.look, figure.canvas, direction=direction, share=share)
    if clip is not None:
        moving = f"{figure.look}/{clip.group}"
        shown = pictures.figure(figure.look, figure.canvas, direction=direction, frame=frame, share=share, belt=moving)
        margin = world.variant.frame_margin
        shown = pictures.centred(shown, (figure.canvas[0] + margin, figure.canvas[1] + margin))
    if figure.palette is not None and figure.request["force_colors"]:
        shown = pictures.in_colours_of(shown, figure.palette)
    return pictures.png(shown)

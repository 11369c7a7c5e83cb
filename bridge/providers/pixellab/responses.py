"""What PixelLab's answers hold: results, ids of jobs, charges. Fields stand at the top level or, as the published
document has it, inside `data`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.core.json_text import parse_answer
from bridge.http.outcome import Answer
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.paid import Accepted, Charge, DamagedResultError, Delivered, Remote
from bridge.providers.pixellab import pictures
from bridge.providers.pixellab.character import remote_name
from bridge.providers.pixellab.motion import SKELETON_FRAMES, TEXT_FRAMES
from bridge.providers.values import number

_MANY = {"clip.text": TEXT_FRAMES, "clip.skeleton": SKELETON_FRAMES}
_JOINT = ("x", "y", "label")


def fields(document: Any) -> Mapping[str, Any]:
    """The fields of an answer; empty when it is no JSON object."""
    if not isinstance(document, dict):
        return {}
    inner = document.get("data")
    return {**document, **inner} if isinstance(inner, dict) else document


def text(value: Any) -> str:
    """A text that says something; else empty."""
    return value if isinstance(value, str) else ""


def accepted(step: Step, answer: Answer) -> Accepted | None:
    """See `PaidProvider.accepted`.

    Raises:
        DamagedResultError: pictures are in the answer, and cannot be read.
    """
    document = fields(answer.json())
    request = _json_file(answer.request)
    result = pictured(step, document, request)
    if result is not None:
        return Delivered(result, charge(document))
    ids = _ids_of(step, document, request)
    if ids:
        return Remote(ids)
    if step.operation.startswith(("image.", "clip.")):
        damage = damage_of(step, document)
        # An answer without any picture or charge says nothing of what became of the order.
        if damage.files or damage.charge is not None:
            raise damage
    return None


def damage_of(step: Step, document: Mapping[str, Any]) -> DamagedResultError:
    """What is in an answer that should hold pictures, and does not hold them all."""
    came = pictures.damaged_files(document.get("images")) or pictures.damaged_files(document.get("image"))
    wanted = _MANY.get(step.operation, 1)
    if not came:
        return DamagedResultError("the finished job holds no picture", (), charge(document))
    lacking = f"only {len(came)} of {wanted} pictures came" if len(came) < wanted else "a picture cannot be read"
    return DamagedResultError(lacking, came, charge(document))


def pictured(step: Step, document: Mapping[str, Any], request: Mapping[str, Any]) -> StepResult | None:
    """The result in an answer of one of the routes that deliver at once; None when it is not there.

    Beside the delivered picture of an edit stand the source and the mask as they were sent, beside that of a
    turnaround the source: reading the result needs them.
    """
    if step.operation == "skeleton.estimate":
        keypoints = _joints_of(document.get("keypoints"))
        return None if keypoints is None else StepResult((), {"keypoints": keypoints})
    if not step.operation.startswith(("image.", "clip.")):
        return None
    size = _size_of(request) or _size_of(step.params.get("request", {}))
    pictures_sent: Any = document.get("images")
    if step.operation in _MANY:
        names = [f"frame_{number:03}.png" for number in range(_MANY[step.operation])]
    else:
        names = ["image.png"]
        pictures_sent = [document["image"]] if document.get("image") else pictures_sent
    delivered = pictures.files(pictures_sent, names, size)
    return None if delivered is None else StepResult((*delivered, *_kept_facts(request)))


def _kept_facts(request: Mapping[str, Any]) -> tuple[ResultFile, ...]:
    roles = {"source.png": ("inpainting_image", "from_image"), "mask.png": ("mask_image",)}
    return tuple(
        ResultFile(name, "image/png", pictures.picture_to_send(request[field]))
        for name, known in roles.items()
        for field in known
        if isinstance(request.get(field), dict)
    )


def _joints_of(rows: Any) -> list[dict[str, Any]] | None:
    """Keypoints as requests take them: x and y inside 0–1, a depth each."""
    if not isinstance(rows, list) or not rows:
        return None
    joints = []
    for joint in rows:
        if not isinstance(joint, dict) or not all(key in joint for key in _JOINT):
            return None
        x, y = (min(1.0, max(0.0, float(joint[key]))) for key in ("x", "y"))
        joints.append({"x": x, "y": y, "label": joint["label"], "z_index": float(joint.get("z_index") or 0.0)})
    return joints


def _ids_of(step: Step, document: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, str]:
    job = text(document.get("background_job_id"))
    many = document.get("background_job_ids")
    if not job and isinstance(many, list) and many:
        job = text(many[0])
    ids = {"job": job} if job else {}
    if step.operation == "character.animate":
        character = text(request.get("character_id"))
        if job and character:
            ids["clip"] = clip_id(character, text(request.get("animation_name")) or remote_name(step))
        return ids
    own = {"character": "character_id", "tileset": "tileset_id", "isometric": "tile_id"}
    family = step.operation.partition(".")[0]
    remote_id = text(document.get(own.get(family, "")))
    return {**ids, ID_NAMES[family]: remote_id} if remote_id else ids


ID_NAMES: Mapping[str, str] = {"character": "character", "tileset": "tileset", "isometric": "tile"}
"""What the id of a result is called in `Remote.ids`, by the first part of an operation's name."""


def clip_id(character: str, name: str) -> str:
    """Clips have no id of their own when they are ordered: the character's, and the name that nothing else has."""
    return f"{character}/{name}"


def charge(document: Mapping[str, Any]) -> Charge | None:
    """What an answer says was charged; None when it says nothing (0 stands there until a job is done)."""
    usage = document.get("usage")
    if not isinstance(usage, dict):
        return None
    kind = usage.get("type")
    for unit in ("generations", "usd") if kind != "usd" else ("usd", "generations"):
        amount = number(usage.get(unit))
        if amount:
            return Charge(unit, amount)
    return None


def _size_of(request: Any) -> tuple[int, int] | None:
    size = request.get("image_size") if isinstance(request, Mapping) else None
    return (size["width"], size["height"]) if isinstance(size, Mapping) else None


def _json_file(data: bytes) -> Mapping[str, Any]:
    content = parse_answer(data)
    return content if isinstance(content, dict) else {}

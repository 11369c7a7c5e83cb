"""Fetching characters and their clips: from the document with its addresses, else from the ZIP.

Addresses in documents are newer than the ZIP; both may lack what the other has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bridge.core.json_text import parse_answer
from bridge.http.outcome import TransportError
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.asking import answered, read_archive
from bridge.providers.paid import DamagedResultError, FreeCalls, Gone, Running
from bridge.providers.pixellab import pictures, responses, status
from bridge.providers.pixellab.character import mark_of
from bridge.spec.fields import SPELLINGS

MOST_PICTURE = 16_000_000
_NUMBER = re.compile(r"(\d+)(?=\.[a-z]+$)")


async def fetch_base(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> StepResult | Running | Gone:
    """The stills of a character: `south.png` …; `meta` holds its id.

    Raises:
        TransportError: they cannot be had. DamagedResultError: what came cannot be used.
    """
    path = status.resource_path(step, ids)
    if path is None:
        return Gone("the order's answer did not say which character it made")
    answer = await answered(calls, path)
    if answer is None:
        return await status.absent(calls, ids)
    document = responses.fields(answer.json())
    if responses.text(document.get("status")).lower() == "pending":
        return Running()
    urls = document.get("rotation_urls")
    addresses = {
        direction: url
        for name, url in (urls if isinstance(urls, dict) else {}).items()
        if (direction := direction_of(name)) and isinstance(url, str)
    }
    downloaded = await _download_all(calls, addresses.values())
    if downloaded:
        stills = dict(zip(addresses, downloaded, strict=True))
    else:
        archive = await _fetch_archive(calls, path)
        if not isinstance(archive, dict):
            return archive
        stills = {
            direction: _require_readable(name, data)
            for name, data in archive.items()
            if "rotations" in name.split("/")[:-1] and (direction := direction_of(_stem_of(name)))
        }
    if not stills:
        raise DamagedResultError("the character has no pictures")
    # What came in the archive is not known to be the same as what is behind the addresses.
    places = {direction: ResultUrl(addresses[direction]) for direction in stills if downloaded}
    files = tuple(
        ResultFile(f"{direction}.png", "image/png", stills[direction], places.get(direction))
        for direction in sorted(stills)
    )
    return StepResult(files, {"character": path.rpartition("/")[2]})


async def fetch_clip(
    calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
) -> StepResult | Running | Gone:
    """The frames of one clip in one direction: `frame_000.png` …

    Raises:
        TransportError: they cannot be had. DamagedResultError: what came cannot be used.
    """
    known = {**ids, "character": responses.text(facts.get("character_id"))}
    path = status.resource_path(step, known)
    if path is None:
        return Gone("the order's answer did not say which character it moved")
    answer = await answered(calls, path)
    if answer is None:
        return await status.absent(calls, ids)
    groups = responses.fields(answer.json()).get("animations")
    animation = responses.text(facts.get("animation_id")) or ids.get("animation", "")
    addresses = listed_frames(step, groups, animation)
    frames = await _download_all(calls, addresses)
    if not frames:
        archive = await _fetch_archive(calls, path)
        if not isinstance(archive, dict):
            return archive
        names = archived_frames(step, archive, animation)
        frames = [_require_readable(name, archive[name]) for name in names]
    if not frames:
        return await status.absent(calls, ids)
    files = tuple(ResultFile(f"frame_{number:03}.png", "image/png", data) for number, data in enumerate(frames))
    return StepResult(files, {"frames": len(files)})


def direction_of(name: Any) -> str | None:
    """A direction in any spelling of the service: `south-west`, `south_west`, `southwest`."""
    return SPELLINGS.get(name.lower()) if isinstance(name, str) and len(name) > 1 else None


def _wanted_direction(step: Step) -> str:
    direction: str = step.params["request"]["directions"][0]
    return direction


def listed_frames(step: Step, groups: Any, animation: str = "") -> list[str]:
    """The addresses of a clip's frames in `animations` of a character's document; empty when it is not there.

    It is known by the id that its job said, else by its name. Of several, the newest is taken.
    """
    matching = []
    for index, group in enumerate(groups if isinstance(groups, list) else []):
        if not isinstance(group, dict):
            continue
        names = [responses.text(group.get(name)) for name in ("display_name", "animation_name", "name")]
        known = [responses.text(group.get(name)) for name in ("animation_group_id", "animation_id", "id")]
        sure = bool(animation) and animation in known
        if sure or any(mark_of(step) in name for name in names):
            stamp = responses.text(group.get("created_at"))
            matching += [(sure, stamp, index, frames) for frames in _of_direction(group, _wanted_direction(step))]
    return max(matching, key=lambda match: match[:3])[3] if matching else []


def _of_direction(group: Mapping[str, Any], wanted: str) -> Iterator[list[str]]:
    directions = group.get("directions")
    for entry in directions if isinstance(directions, list) else []:
        if isinstance(entry, dict) and direction_of(entry.get("direction")) == wanted:
            urls = [url for url in entry.get("frames") or [] if isinstance(url, str)]
            if urls:
                yield list(dict.fromkeys(urls))


def archived_frames(step: Step, archive: Mapping[str, bytes], animation: str = "") -> list[str]:
    """The names of a clip's frames in a character's ZIP, in their order; empty when it is not there.

    A clip's folder is called after its id, after the name that it was ordered under (with a short id behind it), or
    only after its template: in this order they are believed, and of several equally good ones the last is taken.
    """
    matching: list[tuple[int, int, list[str]]] = []
    folders = _clip_folders(archive)
    for index, (folder, frames) in enumerate(folders.items()):
        parts = folder.split("/")
        if direction_of(parts[-1]) != _wanted_direction(step) or len(parts) < 2:
            continue
        trust = _trust_in(step, parts[-2], animation)
        if trust:
            matching.append((trust, index, frames))
    return max(matching, key=lambda match: match[:2])[2] if matching else []


def _trust_in(step: Step, key: str, animation: str) -> int:
    plain = key.lower().replace("_", "-")
    template = step.params["request"]["template_animation_id"]
    if animation and (animation.lower() in plain or animation[:8].lower() in plain.split("-")):
        return 3
    if mark_of(step) in plain:
        return 2
    bare = plain.removesuffix(f"-{_wanted_direction(step)}")
    return 1 if bare == template else 0


def _clip_folders(archive: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Folder of a clip → names of its frames; what metadata.json says, else by the numbers of the files."""
    listed: dict[str, list[str]] = {}
    for folder, names in _read_metadata(archive):
        kept = [name for name in dict.fromkeys(names) if name in archive]
        if kept:
            listed[folder] = kept
    grouped: dict[str, list[str]] = {}
    for name in archive:
        parts = name.split("/")
        if "animations" in parts[:-3] and direction_of(parts[-2]) and name.endswith(".png"):
            grouped.setdefault("/".join(parts[:-1]), []).append(name)
    sorted_groups = {folder: sorted(names, key=_frame_number) for folder, names in grouped.items()}
    return {**sorted_groups, **listed}


def _read_metadata(archive: Mapping[str, bytes]) -> Iterator[tuple[str, Sequence[str]]]:
    name = next((name for name in archive if name.rpartition("/")[2] == "metadata.json"), None)
    document = parse_answer(archive[name]) if name is not None else {}
    frames = document.get("frames") if isinstance(document, dict) else None
    animations = frames.get("animations") if isinstance(frames, dict) else None
    for key, directions in (animations if isinstance(animations, dict) else {}).items():
        for direction, paths in (directions if isinstance(directions, dict) else {}).items():
            if isinstance(paths, list) and all(isinstance(path, str) for path in paths):
                yield f"{key}/{direction}", paths


def _frame_number(name: str) -> tuple[int, str]:
    number = _NUMBER.search(name)
    return (int(number[1]) if number else 0, name)


def _stem_of(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


async def _download_all(calls: FreeCalls, addresses: Iterable[str]) -> list[bytes]:
    """The pictures behind addresses; none at all when one of them is not to be had: then the ZIP is asked."""
    downloads = []
    for url in addresses:
        try:
            data = (await calls.download(url, most=MOST_PICTURE)).body
        except TransportError as error:
            if error.is_temporary:
                raise
            return []
        if not pictures.is_readable(data):
            return []
        downloads.append(data)
    return downloads


def _require_readable(name: str, data: bytes) -> bytes:
    """A picture of the ZIP. Raises DamagedResultError when it cannot be read."""
    if not pictures.is_readable(data):
        came = ResultFile(name.rpartition("/")[2], "application/octet-stream", data)
        raise DamagedResultError(f"the picture {name} in the character's ZIP cannot be read", [came])
    return data


async def _fetch_archive(calls: FreeCalls, path: str) -> dict[str, bytes] | Running | Gone:
    try:
        answer = await answered(calls, f"{path}/zip")
    except TransportError as error:
        if error.status == status.LOCKED:
            return Running(after=error.retry_after)
        raise
    return Gone(status.UNKNOWN) if answer is None else read_archive(answer.body)

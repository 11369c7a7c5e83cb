"""SpriteFrames `.tres`: AtlasTexture regions and animations, and merging with what users added.

The animations that are ours are listed in the resource itself (`metadata/assetbridge_animations`): a removed
one goes, while those that a user made in the editor stay. Text and order are what Godot 4.6 itself saves.

Source: Godot class reference, "SpriteFrames" and "AtlasTexture".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from exporters.base import ExportContext
from exporters.godot import values
from exporters.godot.textures import read_present
from exporters.godot.tres import (
    Section,
    TresDocument,
    find_referred,
    in_saving_order,
    needed_sections,
    parse_tres,
    resource_header,
    resource_id,
    sub_resource,
    unreadable_error,
)
from exporters.godot.uid import uid_for
from exporters.godot.values import SyntaxFault, Value
from exporters.packing.pack import Placement
from exporters.packing.sprite_sheet import PlacedAnimation

OURS = "metadata/assetbridge_animations"
ROLE = "sprite_frames"


@dataclass(frozen=True, slots=True)
class _Built:
    """Our part of a SpriteFrames."""

    animations: dict[str, Value]
    regions: list[Section]


def sprite_frames(
    context: ExportContext,
    path: str,
    animations: Sequence[PlacedAnimation],
    pages: Sequence[Section],
    *,
    clip: bool = False,
) -> TresDocument:
    """The resource for `path`, with what users added to the present one.

    pages: the `ext_resource` of every page. clip: keep linear filtering from reading beyond a region.

    Raises:
        ExportError: the present file cannot be read.
    """
    built = _build_frames(animations, pages, clip=clip)
    data = read_present(context, path)
    old = parse_tres(data, path) if data is not None else None
    uid = (old.uid if old else None) or uid_for(context.identity, ROLE)
    kept = _keep_foreign(old, built, path) if old else {}
    everything = sorted((built.animations | kept).items())
    properties = {
        "animations": values.write_value([entry for _, entry in everything]),
        OURS: values.packed_strings(sorted(built.animations)),
    }
    if old:
        owned = {"animations", OURS}
        properties |= {k: v for k, v in old.sections[-1].properties.items() if k not in owned}
    known = _merge_sections([*pages, *built.regions], old)
    wanted = needed_sections(known, properties.values()) | {(page.kind, page.id) for page in pages}
    used = [section for section in known if (section.kind, section.id) in wanted]
    outside = [section for section in used if section.kind == "ext_resource"]
    inside = in_saving_order([section for section in used if section.kind == "sub_resource"], properties)
    resource = Section("resource", {}, properties)
    return TresDocument([resource_header("SpriteFrames", uid), *outside, *inside, resource])


def atlas_texture(placement: Placement, page: Section, *, clip: bool = False) -> dict[str, str]:
    """The properties of the AtlasTexture of a frame; margins give it the untrimmed size."""
    properties = {
        "atlas": f'ExtResource("{page.id}")',
        "region": values.rect2(placement.x, placement.y, placement.width, placement.height),
    }
    if placement.trimmed:
        missing = (placement.source_width - placement.width, placement.source_height - placement.height)
        properties["margin"] = values.rect2(placement.offset_x, placement.offset_y, *missing)
    if clip:
        properties["filter_clip"] = "true"
    return properties


def owned_lines(document: TresDocument, path: str) -> list[str]:
    """Our animations with everything they show, as text without ids; the order is that of the names."""
    properties = document.sections[-1].properties
    ours = _read_names(properties.get(OURS, ""))
    named = document.by_name()
    lines = [f"uid {document.uid}"]
    for name, entry in sorted(_read_animations(document, path).items()):
        if name in ours:
            lines += [f"{name} {entry.get('loop')} {entry.get('speed')}"]
            frames = entry["frames"] if isinstance(entry["frames"], list) else []
            lines += [_frame_line(named, frame) for frame in frames if isinstance(frame, dict)]
    return [*lines, f"listed {sorted(ours)}"]


def _plain_frame(entry: dict[str, Value]) -> dict[str, Value]:
    return {values.unquote(key): value for key, value in entry.items()}


def _frame_line(named: Mapping[tuple[str, str], Section], entry: dict[str, Value]) -> str:
    frame = _plain_frame(entry)
    texture = find_referred(str(frame.get("texture")), named)
    shown = dict(texture.properties) if texture else {}
    atlas = find_referred(shown.pop("atlas", ""), named)
    identity = [atlas.attributes.get("path"), atlas.attributes.get("uid")] if atlas else []
    return f"{frame.get('duration')} {identity} {sorted(shown.items())}"


def _build_frames(animations: Sequence[PlacedAnimation], pages: Sequence[Section], *, clip: bool) -> _Built:
    regions: dict[Placement, str] = {}
    sections = []
    entries: dict[str, Value] = {}
    for animation in sorted(animations, key=lambda entry: entry.name):
        base = gcd(*(frame.duration_ms for frame in animation.frames))
        frames: list[Value] = []
        for number, frame in enumerate(animation.frames):
            if frame.placement not in regions:
                # Named after the first frame that shows it: ids stay while pictures and places change.
                region_id = resource_id("AtlasTexture", f"{animation.name}_{number}")
                regions[frame.placement] = region_id
                properties = atlas_texture(frame.placement, pages[frame.placement.page], clip=clip)
                sections.append(sub_resource("AtlasTexture", region_id, properties))
            reference = f'SubResource("{regions[frame.placement]}")'
            frames.append({'"duration"': values.write_real(frame.duration_ms // base), '"texture"': reference})
        entries[animation.name] = {
            '"frames"': frames,
            '"loop"': "true" if animation.loop else "false",
            '"name"': values.string_name(animation.name),
            '"speed"': values.write_real(1000 / base),
        }
    return _Built(entries, sections)


def _keep_foreign(old: TresDocument, built: _Built, path: str) -> dict[str, Value]:
    """The animations that a user added: neither ours now nor listed as ours."""
    listed = _read_names(old.sections[-1].properties.get(OURS, ""))
    old_animations = _read_animations(old, path)
    return {
        name: {f'"{key}"': value for key, value in entry.items()}
        for name, entry in old_animations.items()
        if name not in listed and name not in built.animations
    }


def _read_animations(document: TresDocument, path: str) -> dict[str, dict[str, Value]]:
    try:
        entries = values.read_value(document.sections[-1].properties.get("animations", "[]"))
        if not isinstance(entries, list):
            raise SyntaxFault("animations is no array")
        animations: dict[str, dict[str, Value]] = {}
        for entry in entries:
            if not isinstance(entry, dict):
                raise SyntaxFault("an animation is no dictionary")
            plain = _plain_frame(entry)
            if not isinstance(plain.get("frames"), list):
                raise SyntaxFault("an animation has no frames")
            animations[values.unquote(str(plain.get("name", "")))] = plain
    except SyntaxFault as error:
        raise unreadable_error(path, error) from error
    return animations


def _read_names(text: str) -> set[str]:
    inner = text.removeprefix("PackedStringArray(").removesuffix(")")
    return {part.strip().strip('"') for part in inner.split(",") if part.strip()}


def _merge_sections(ours: list[Section], old: TresDocument | None) -> list[Section]:
    """Ours first, then the old ones whose ids are free."""
    taken = {(section.kind, section.id) for section in ours}
    others = [s for s in old.sections if s.id and (s.kind, s.id) not in taken] if old else []
    return [*ours, *others]

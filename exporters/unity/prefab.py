"""The prefab of a character: one GameObject with SpriteRenderer and, where it has clips, Animator."""

from __future__ import annotations

from exporters.unity.editor import Editor
from exporters.unity.ids import anchor_for
from exporters.unity.scene import animator, game_object, sprite_renderer, transform
from exporters.unity.yaml import Object


def character_prefab(
    name: str, identity: str, editor: Editor, sprite: str, size: tuple[float, float], controller: str | None
) -> list[Object]:
    """The objects of the prefab. sprite, controller: references; size: units of the sprite."""
    root, place, picture, player = (
        anchor_for(identity, f"prefab:{role}") for role in ("root", "transform", "renderer", "animator")
    )
    parts = [place, picture, *([player] if controller is not None else ())]
    found = [
        game_object(root, name, parts),
        transform(place, root, editor),
        sprite_renderer(picture, root, editor, sprite, size),
    ]
    return found if controller is None else [*found, animator(player, root, editor, controller)]

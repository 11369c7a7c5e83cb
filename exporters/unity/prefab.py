"""The prefab of a character: one GameObject with SpriteRenderer and, where it has clips, Animator.

Source: Unity manual, "Prefabs".
"""

from __future__ import annotations

from exporters.unity.editor import Editor
from exporters.unity.ids import anchor_for
from exporters.unity.scene import animator, game_object, sprite_renderer, transform
from exporters.unity.yaml import YamlObject


def character_prefab(
    name: str, identity: str, editor: Editor, sprite: str, size: tuple[float, float], controller: str | None
) -> list[YamlObject]:
    """The objects of the prefab. sprite, controller: references; size: units of the sprite."""
    root, transform_id, picture, player = (
        anchor_for(identity, f"prefab:{role}") for role in ("root", "transform", "renderer", "animator")
    )
    parts = [transform_id, picture, *([player] if controller is not None else ())]
    components = [
        game_object(root, name, parts),
        transform(transform_id, root, editor),
        sprite_renderer(picture, root, editor, sprite, size),
    ]
    return components if controller is None else [*components, animator(player, root, editor, controller)]

"""The fields that reach the service. The description is for people: only the motion is sent."""

from __future__ import annotations

from bridge.providers.uses import Uses

USES: Uses = {
    "animation": frozenset(
        {
            *("model", "description", "action", "negative", "enhance", "source", "source_clip"),
            *("frames", "keyframes", "retakes", "seed", "take", "colors", "reference.colors", "provider_options"),
        }
    )
}

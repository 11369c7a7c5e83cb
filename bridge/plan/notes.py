"""What a plan says of the project's settings, as long as they are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.trust.request import escape_text

if TYPE_CHECKING:
    from bridge.config.project_config import Config


def describe_settings(config: Config) -> tuple[str, ...]:
    """Where providers are reached that the project has moved, and the targets that are not loaded."""
    moved = (
        f"{escape_text(name)} at {escape_text(table['base_url'])} (base_url in assetbridge.toml)"
        for name, table in sorted(config.providers.items())
        if "base_url" in table
    )
    unloaded = (
        f"nothing is written for the target {escape_text(name)}, which another package offers: this project is not "
        "trusted (assetbridge trust)"
        for name in sorted(config.unloaded_targets)
    )
    return (*moved, *unloaded)

"""The settings of a project that exists for one test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.config.project_config import Config, read_config


def configure(
    folder: Path, tables: Mapping[str, Mapping[str, Any]] | None = None, *, project_id: str = "test"
) -> Config:
    """Writes an assetbridge.toml with these tables (their values as JSON has them) and reads it."""
    lines = ["[project]", f"id = {json.dumps(project_id)}"]
    for name, table in (tables or {}).items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assetbridge.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_config(folder)

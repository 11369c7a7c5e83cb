"""`assetbridge schema`: the JSON Schema that editors complete and check specs with."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.core.paths import SCHEMA_FILE
from bridge.core.root_folder import RootFolder
from bridge.spec.schema import json_schema


def write_schema(root: Path) -> bool:
    """Writes `.assetbridge/spec.schema.json`; returns False when it is current."""
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    return RootFolder(root).write(SCHEMA_FILE, text.encode())

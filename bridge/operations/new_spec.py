"""`assetbridge new`: a new spec, with the JSON Schema beside it that editors complete it by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError
from bridge.core.paths import asset_id_of, spec_file
from bridge.core.root_folder import RootFolder
from bridge.operations.write_schema import write_schema
from bridge.spec.edit import new_spec
from bridge.spec.load import check_id

if TYPE_CHECKING:
    from bridge.config.project_config import Config


def write_new(
    config: Config,
    kind: str,
    name: str,
    description: str | None,
    provider: str | None,
    *,
    terrains: Sequence[str] = (),
    tile_size: int | None = None,
) -> str:
    """Writes a new spec, with the JSON Schema beside it that editors complete it by; returns the asset's id.

    Raises:
        BridgeError: `id_invalid`, `file_exists`, `spec_unknown_kind`, or it cannot be written.
    """
    asset_id = asset_id_of(name)
    check_id(asset_id)
    file = spec_file(asset_id)
    folder = RootFolder(config.root)
    try:
        is_there = folder.exists(file)
    except OSError as error:
        raise describe_failure(error, file) from error
    if is_there:
        raise UserError("file_exists", f"{file} exists already", hint="Choose another name, or edit it.")
    text = new_spec(kind, asset_id, description=description, provider=provider, terrains=terrains, tile_size=tile_size)
    write_schema(config.root)
    folder.write(file, text.encode())
    return asset_id

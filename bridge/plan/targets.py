"""Which engines an asset is written for, with which options, and what its files there are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError
from bridge.providers.fingerprint import output_fingerprint
from exporters import registry
from exporters.base import Exporter, ExportOptions, Link
from exporters.model.asset import Asset, AudioAsset, ItemsAsset, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.target import TargetError

if TYPE_CHECKING:
    from bridge.config.project_config import Config, TargetConfig
    from bridge.processing.settings import ProcessSettings
    from bridge.spec.load import Loaded

ASSET_TYPES: dict[str, type[Asset]] = {
    "sprite": SpriteAsset,
    "edit": SpriteAsset,
    "turnaround": SpriteAsset,
    "animation": SpriteAsset,
    "character": SpriteAsset,
    "items": ItemsAsset,
    "tileset": TilesetAsset,
    "isometric_tiles": TilesetAsset,
    "map": TileMapAsset,
    "music": AudioAsset,
}
ASSEMBLE_VERSION = 2
_COMMON = ("direction_names", "padding", "extrude", "max_sheet")


@dataclass(frozen=True, slots=True)
class TargetJob:
    """One engine that an asset is written for. `output` is the output folder relative to the project."""

    name: str
    exporter: Exporter
    options: ExportOptions
    output: str
    engine_output: str


def target_jobs(loaded: Loaded, config: Config) -> list[TargetJob]:
    """The engines of one asset, in order of their names.

    Raises:
        UserError: `config_invalid` when the spec names a target that the project file does not set up.
    """
    spec = loaded.spec
    wanted: list[str] | None = list(spec.export.targets) if spec.export.targets is not None else None
    for name in wanted or ():
        if name not in config.targets:
            raise UserError(
                "config_invalid",
                f"the target {name} is not set up in assetbridge.toml",
                hint=f"Add a [targets.{name}] table there, or take {name} out of export.targets.",
                where=loaded.where("export.targets"),
            )
    applicable = []
    for name, target in sorted(config.targets.items()):
        if not target.is_loaded or (wanted is not None and name not in wanted):
            continue
        try:
            exporter = registry.load_exporter(name)
        except TargetError as error:
            where = config.where(("targets", name))
            raise UserError("config_invalid", error.message, hint=error.hint, where=where) from error
        if not exporter.supports(ASSET_TYPES[spec.kind], spec.kind):
            continue
        options = export_options(loaded, name, target)
        _check_options(loaded, name, options.engine, config)
        applicable.append(TargetJob(name, exporter, options, target.path, target.output))
    return applicable


def _check_options(loaded: Loaded, name: str, options: Mapping[str, Any], config: Config) -> None:
    """Refuses options of a target that cannot stand together, at the one that the spec itself says.

    Raises:
        UserError: `config_invalid`.
    """
    for conflict in registry.get_target(name).conflicts:
        if not conflict.applies(options):
            continue
        names = [option for option, _ in conflict.values]
        own = loaded.spec.export.target(name)
        said = own.model_dump(exclude_none=True) if own is not None else {}
        blamed = [option for option in names if option in said]
        texts = " with ".join(f"{option} = {json.dumps(options[option])}" for option in names)
        raise UserError(
            "config_invalid",
            f"{texts} cannot be written for {name}: {conflict.reason}",
            hint=conflict.hint,
            where=loaded.where(f"export.{name}.{blamed[-1]}") if blamed else config.where(("targets", name, names[-1])),
        )


def export_options(loaded: Loaded, name: str, target: TargetConfig) -> ExportOptions:
    """`[export]` under `[export.NAME]`, with the target's own settings as the base of the engine's keys."""
    table: dict[str, Any] = loaded.spec.export.model_dump(exclude_none=True)
    overrides = loaded.spec.export.target(name)
    own: dict[str, Any] = overrides.model_dump(exclude_none=True) if overrides is not None else {}
    common = {key: own.get(key, table.get(key)) for key in _COMMON}
    if ASSET_TYPES[loaded.spec.kind] is TilesetAsset and common["extrude"] is None:
        common["extrude"] = registry.get_target(name).default_extrude
    engine = {key: value for key, value in target.options.items() if value is not None}
    engine |= {key: value for key, value in own.items() if key not in _COMMON and key != "pivot"}
    for option in registry.get_target(name).options:
        if option.implied is not None and loaded.spec.kind in (option.kinds or (loaded.spec.kind,)):
            engine.setdefault(option.name, option.implied)
    if loaded.spec.kind == "music":
        engine.setdefault("audio", registry.get_target(name).audio.default)
    return ExportOptions(**{key: value for key, value in common.items() if value is not None}, engine=engine)


def pivot(loaded: Loaded, name: str) -> Any:
    """The pivot a target uses, None for the kind's own default."""
    own = loaded.spec.export.target(name)
    return (own.pivot if own is not None else None) or loaded.spec.export.pivot


def free_facts(loaded: Loaded, process: ProcessSettings) -> dict[str, Any]:
    """What a spec says beyond what reached the provider: it costs nothing to change."""
    spec = loaded.spec.model_dump(mode="json", exclude_defaults=True, exclude={"export", "process"})
    return {"spec": spec, "process": process.fingerprint_data(), "version": ASSEMBLE_VERSION}


def fingerprint_files(
    job: TargetJob,
    loaded: Loaded,
    *,
    assembled: str,
    stem: str,
    identity: str,
    links: Mapping[str, Link],
) -> str:
    """The fingerprint of a target's files; equal means that writing them again would change nothing."""
    options = registry.get_target(job.name).options
    before = [(option.name, option.before) for option in options if option.before is not None]
    facts = {
        "exporter": [job.exporter.name, job.exporter.version],
        "assembled": assembled,
        "stem": stem,
        "output": job.engine_output,
        "identity": identity,
        "pivot": pivot(loaded, job.name),
        "options": {
            **{key: getattr(job.options, key) for key in _COMMON},
            "engine": {key: value for key, value in job.options.engine.items() if (key, value) not in before},
        },
        "links": {asset_id: [link.stem, link.identity] for asset_id, link in links.items()},
    }
    return output_fingerprint(facts)

"""Every field of every kind with every provider: it changes something, or it is refused by the one message.

The trials are made of the spec models: a new field without a sample value, and one that nothing uses, fail here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import AudioPart, ClipPart, ImagePart, Part, TileMapPart, VertexMapPart, WangTilePart
from bridge.assemble.tilesets import corners_of, terrain_pairs
from bridge.core.errors import BridgeError, ErrorGroup, UserError
from bridge.operations.edit_spec import reroll
from bridge.plan import targets
from bridge.plan.compile_context import CompileSession, Surroundings, compile_spec
from bridge.project import Project
from bridge.providers import registry
from bridge.providers.api import Step
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.uses import ANY_KIND, is_used, used_fields
from bridge.spec.load import Loaded, load_spec
from bridge.spec.model import KINDS
from bridge.spec.process_rules import process_settings
from exporters.model.asset import Pixels, TileMapAsset, TilesetAsset
from tests.contract.field_values import BASE, BESIDE, BESIDES, FILES, GUARD, LAND, PROJECT, VALUES
from tests.unit.providers.files_project import painted

# For people, whoever makes the art: nothing is made from it there.
FOR_PEOPLE = {
    *(("files", kind) for kind in registry.get("files").kinds),
    ("pixelengine", "animation"),
    ("procedural", "animation"),
}
DIRECTIONS = ("south", "south_east", "east", "north_east", "north", "north_west", "west", "south_west")


def fields_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted fields of a model that hold values, `*` for names and numbers."""
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        inner = list(tables_in(info.annotation))
        if not inner or str in get_args(info.annotation):
            yield key
        for star, table in inner:
            yield from fields_of(table, f"{key}.{star}")


def tables_in(annotation: Any, star: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """The tables that a value may be, with `*.` where there are several by name or number."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield star, annotation
        return
    several = getattr(annotation, "__origin__", None) in (list, dict)
    for part in get_args(annotation):
        yield from tables_in(part, "*." if several else star)


TRIALS = [
    (provider, kind, field)
    for provider in registry.KNOWN
    for kind in sorted(registry.get(provider).kinds)
    for field in fields_of(KINDS[kind])
    if field.partition(".")[0] not in ANY_KIND | KINDS[kind].not_applicable
    and (provider == "files" or not field.startswith("files"))
]


def written(value: Any) -> str:
    """A value as TOML, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


def over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """One table over another; None takes a key away."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        merged[key] = over(below if isinstance(below, dict) else {}, value) if isinstance(value, dict) else value
    return {key: value for key, value in merged.items() if value is not None}


def changed(spec: Mapping[str, Any], field: str, *value: Any) -> dict[str, Any]:
    """A spec with a field set: of the first of several tables, which is made where there is none. Without a value
    the tables around the field are there, and it is not."""
    key, _, rest = field.partition(".")
    if not rest:
        return {**spec, **dict(zip((key,), value, strict=False))}
    if not rest.startswith("*."):
        return {**spec, key: changed(spec.get(key, {}), rest, *value)}
    several = spec.get(key) or LISTED.get(key, [])
    if isinstance(several, dict):
        name = next(iter(several))
        return {**spec, key: {**several, name: changed(several[name], rest[2:], *value)}}
    return {**spec, key: [changed(several[0], rest[2:], *value), *several[1:]]}


LISTED: Mapping[str, Any] = {
    "keyframes": [{"index": 2, "source": "art/knight.png"}],
    "retakes": [{"frames": [0, 1]}],
    "rows": [{"animation": "idle", "frames": 2}],
    "transitions": [{"between": ["water", "grass"]}],
}


class Trials:
    """A project in which one spec is tried after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, str] = {}
        for path, data in {"assetbridge.toml": PROJECT.encode(), **FILES}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        (root / "art/land.asset.toml").write_text(LAND)
        (root / "art/other.asset.toml").write_text(LAND.replace("water", "sand"))
        (root / "art/guard.asset.toml").write_text(GUARD)
        self.project = Project.open(root)
        self.others = {
            one.id: one for name in ("land", "other", "guard") if (one := self.load(root / f"art/{name}.asset.toml"))
        }

    def load(self, path: Path) -> Loaded:
        return load_spec(path, self.project.config)

    def facts(self, spec: Mapping[str, Any]) -> str:
        """Everything that is made of a spec, as text.

        Raises:
            BridgeError: it is refused.
        """
        text = "".join(f"{key} = {written(value)}\n" for key, value in spec.items())
        if text not in self._known:
            self._known[text] = self._facts(text)
        return self._known[text]

    def _facts(self, text: str) -> str:
        path = self.root / "art/trial.asset.toml"
        path.write_text(text)
        loaded = self.load(path)
        specs = {**self.others, loaded.id: loaded}
        around = Surroundings(self.project.config, self.project.memory, specs, lambda *_: "0" * 64, lambda *_: None)
        steps = compile_spec(loaded, CompileSession(loaded, around, 1000))
        settings = process_settings(loaded.spec, lambda ref: (self.root / ref).read_bytes())
        jobs = [
            (job.name, job.output, repr(job.options), targets.pivot(loaded, job.name))
            for job in targets.target_jobs(loaded, self.project.config)
        ]
        asset = digest_of(self.asset(loaded))
        given = [list(step.gives) for step in steps]
        return json.dumps([fingerprints(steps), given, settings.fingerprint_data(), jobs, asset, loaded.spec.retries])

    def facts_of(self, spec: Mapping[str, Any]) -> str | None:
        """The same; None where it is refused."""
        try:
            return self.facts(spec)
        except BridgeError:
            return None

    def asset(self, loaded: Loaded) -> Any:
        """The asset of parts that every provider could have delivered."""
        spec = loaded.spec
        land = self.others["art/land"]
        upstream: dict[str, TilesetAsset] = {}
        if spec.kind == "map":
            ground = assemble_asset("art/land", land.spec, parts_of(land), slots={}, upstream={}, seed=1).asset
            assert isinstance(ground, TilesetAsset)
            upstream = {"art/land": ground}
        return assemble_asset(loaded.id, spec, parts_of(loaded), slots={}, upstream=upstream, seed=1)


def fingerprints(steps: Sequence[Step]) -> dict[str, str | None]:
    """Fingerprints by key; a step that waits for another one's picture has none."""
    known: dict[str, str] = {}
    for step in steps:
        inputs = tuple(dataclasses.replace(item, sha256=item.sha256 or "1" * 64) for item in step.inputs)
        fingerprint = step_fingerprint(dataclasses.replace(step, inputs=inputs), known)
        assert fingerprint is not None
        known[step.key] = fingerprint
    return dict(known)


def digest_of(value: Any) -> str:
    """A digest of an asset with its pixels."""

    def plain(part: Any) -> Any:
        if isinstance(part, np.ndarray):
            return [part.shape, hashlib.sha256(part.tobytes()).hexdigest()]
        if dataclasses.is_dataclass(part):
            return [plain(getattr(part, field.name)) for field in dataclasses.fields(part)]
        if isinstance(part, Mapping):
            return [[key, plain(inner)] for key, inner in part.items()]
        return [plain(inner) for inner in part] if isinstance(part, list | tuple) else repr(part)

    return hashlib.sha256(json.dumps(plain(value)).encode()).hexdigest()


def still(number: int) -> Pixels:
    return painted(16, 16, number)


def parts_of(loaded: Loaded) -> list[Part]:
    """What a provider could deliver for a spec."""
    spec = loaded.spec
    match spec.kind:
        case "sprite" | "edit":
            return [ImagePart(str(number), still(number)) for number in (1, 2, 3)]
        case "turnaround" if spec.directions is None:
            return [ImagePart("", still(1))]
        case "turnaround":
            return [ImagePart(name, still(number)) for number, name in enumerate(DIRECTIONS)]
        case "animation":
            return [ClipPart("default", None, tuple(map(still, range(frames_of(spec)))))]
        case "character":
            stills: list[Part] = [ImagePart(name, still(number)) for number, name in enumerate(DIRECTIONS)]
            clips = [
                ClipPart(name, direction, tuple(map(still, range(number, number + frames_of(table)))))
                for name, table in spec.animations.items()
                for number, direction in enumerate(DIRECTIONS)
            ]
            return stills + clips
        case "items":
            return [ImagePart(item.name, still(number)) for number, item in enumerate(spec.items)]
        case "isometric_tiles":
            return [ImagePart(tile.name, still(number)) for number, tile in enumerate(spec.tiles)]
        case "tileset":
            return [
                WangTilePart(corners_of(mask, lower, upper), (painted(*spec.cell, mask), painted(*spec.cell, 99)))
                for lower, upper in terrain_pairs(spec)
                for mask in range(16)
            ]
        case "map" if spec.provider == "procedural":
            return [VertexMapPart(("water", "grass"), np.eye(9, dtype=np.uint8))]
        case "map":
            return [TileMapPart(TileMapAsset("read", (4, 4), (16, 16), (), ()))]
        case "music":
            return [AudioPart(np.zeros((8000, 2), dtype=np.int16), 8000)]


def frames_of(table: Any) -> int:
    return table.frames or (len(table.durations) if table.durations else 4)


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    made = Trials(tmp_path_factory.mktemp("fields"))
    yield made
    made.project.close()


def value_of(table: Mapping[str, Any], kind: str, field: str) -> Any:
    """The most exact entry for a field: by kind and field, by the field, by its last words."""
    words = field.split(".")
    ways = [".".join(words[first:]) for first in range(len(words))]
    for way in [f"{kind}:{field}", *ways]:
        if way in table:
            return table[way]
    return None


def base_of(provider: str, kind: str) -> dict[str, Any]:
    """A small spec that this provider makes."""
    return over({"kind": kind, "provider": provider, **BASE[kind]}, BESIDES.get(provider, {}).get(kind, {}))


def outcomes(trials: Trials, provider: str, kind: str, field: str) -> Iterator[str | BridgeError]:
    """What becomes of each value of a field: `used`, `silent`, or an error; nothing of what is no spec at all."""
    values = value_of(VALUES, kind, field)
    assert values is not None, f"tests/contract/field_values.py has no value of {field}"
    base = base_of(provider, kind)
    for beside, value in itertools.product([*(value_of(BESIDE, kind, field) or ()), {}], values):
        spec = over(base, beside)
        # What a field needs beside it may be refused itself, or be nothing without the field.
        before = next(facts for way in (changed(spec, field), spec, base) if (facts := trials.facts_of(way)))
        try:
            yield "used" if trials.facts(changed(spec, field, value)) != before else "silent"
        except ErrorGroup:
            continue
        except BridgeError as error:
            if error.code != "spec_invalid" or "cannot stand beside" not in error.message:
                yield error


@pytest.mark.parametrize(("provider", "kind"), sorted({trial[:2] for trial in TRIALS}))
def test_the_small_specs_are_made(trials: Trials, provider: str, kind: str) -> None:
    """Else the trials below prove nothing."""
    trials.facts(base_of(provider, kind))


@pytest.mark.parametrize(("provider", "kind", "field"), TRIALS)
def test_no_field_is_silent(trials: Trials, provider: str, kind: str, field: str) -> None:
    if (provider, kind) in FOR_PEOPLE and field.endswith("description"):
        return
    results = list(outcomes(trials, provider, kind, field))
    if "used" in results:
        fields = used_fields(kind, registry.get(provider))
        assert fields is None or is_used(field, fields)
        return
    errors = [outcome for outcome in results if isinstance(outcome, BridgeError)]
    # A field of which some values are refused for what they say is looked at, also where another says the usual.
    assert errors, f"{field} is taken and does nothing"
    for error in errors:
        assert isinstance(error, UserError)
        assert error.code in ("spec_not_applicable", "provider_limit", "spec_invalid", "source_missing"), error
        if error.message.startswith(f"{provider} has no use for"):
            assert error.where is not None
            assert error.where.file == "art/trial.asset.toml"
            assert (error.where.line or 0) > 1
            assert error.hint


COMMON = sorted(
    {field for field in fields_of(KINDS["character"]) if field.partition(".")[0] in ANY_KIND - {"kind", "provider"}}
)


# No provider that cleans up takes these.
ONLY_REFUSED = ("refine.pixelate.mode", "refine.stabilize.colors", "refine.stabilize.palette")


@pytest.mark.parametrize("field", COMMON)
def test_what_the_bridge_uses_changes_something(trials: Trials, field: str) -> None:
    """`process`, `export`, `refine` and `retries`: each in some kind."""
    samples = [
        ("sprixen", "character"),
        ("pixelengine", "animation"),
        ("procedural", "character"),
        ("procedural", "tileset"),
        ("files", "music"),
    ]
    results = [result for sample in samples for result in outcomes(trials, *sample, field)]
    if field in ONLY_REFUSED:
        assert "used" not in results
        assert "spec_not_applicable" in [result.code for result in results if isinstance(result, UserError)]
    else:
        assert "used" in results


def test_the_message_names_the_line_and_the_way_out(trials: Trials) -> None:
    spec = over(base_of("procedural", "tileset"), {"variants": 4})
    with pytest.raises(UserError) as caught:
        trials.facts(spec)
    error = caught.value
    assert error.code == "spec_not_applicable"
    assert error.message == "procedural has no use for variants here"
    assert error.where is not None
    assert (error.where.file, error.where.line, error.where.field) == ("art/trial.asset.toml", len(spec), "variants")
    assert "take" in error.hint
    with pytest.raises(UserError) as caught:
        trials.facts(over(base_of("files", "sprite"), {"seed": 4}))
    assert caught.value.hint == (
        "Providers of sprite that use it: procedural, pixellab (paid), pixeldojo (paid), sprixen (paid)."
    )


def test_clips_of_another_provider_have_to_please_that_one(trials: Trials) -> None:
    spec = base_of("pixellab", "character")
    clip = {"provider": "pixelengine", "action": "swings", "negative": "blood", "seed": 7}
    trials.facts(over(spec, {"animations": {"attack": clip}}))
    with pytest.raises(UserError) as caught:
        trials.facts(over(spec, {"animations": {"attack": {**clip, "provider": "sprixen"}}}))
    assert caught.value.message == "sprixen has no use for animations.attack.negative here"


def test_what_says_the_usual_says_nothing(trials: Trials) -> None:
    """A line that says what is so without it was never wrong."""
    for provider, kind, usual in (
        ("procedural", "tileset", {"variants": 1, "take": 1, "negative": ""}),
        ("pixellab", "animation", {"transparent": True, "enhance": False}),
        ("files", "sprite", {"take": 1, "reference": {}}),
    ):
        spec = base_of(provider, kind)
        assert trials.facts({**spec, **usual}) == trials.facts(spec)


def test_a_default_that_a_provider_does_not_use_is_ignored(tmp_path: Path) -> None:
    """Only what a spec itself says can be wrong."""
    made = Trials(tmp_path)
    plain = {kind: made.facts(base_of("procedural", kind)) for kind in ("tileset", "sprite", "animation")}
    made.project.close()
    defaults = '[defaults]\nnegative = "hats"\nenhance = true\nseed = 9\n[defaults.tileset]\nvariants = 3\n'
    (tmp_path / "assetbridge.toml").write_text(PROJECT + defaults)
    with Project.open(tmp_path) as project:
        made.project = project
        made._known.clear()
        for kind in plain:
            made.facts(base_of("procedural", kind))
        with pytest.raises(UserError) as caught:
            made.facts({**base_of("procedural", "sprite"), "negative": "hats"})
    assert caught.value.message == "procedural has no use for negative here"


@pytest.mark.parametrize(
    ("spec", "target", "field"),
    [
        ('kind = "animation"\naction = "bob"\nsource = "art/knight.png"\n', "art/bob", "take"),
        ('kind = "sprite"\nprovider = "files"\nsource = "art/knight.png"\n', "art/bob", "take"),
        (
            'kind = "character"\ndescription = "knight"\n[animations.walk]\nframes = 4\n',
            "art/bob#walk",
            "animations.walk.take",
        ),
    ],
)
def test_reroll_says_that_there_is_no_other_take(tmp_path: Path, spec: str, target: str, field: str) -> None:
    made = Trials(tmp_path)
    made.project.close()
    path = tmp_path / "art/bob.asset.toml"
    path.write_text(spec)
    with Project.open(tmp_path) as project, pytest.raises(UserError) as caught:
        reroll(project, target)
    assert caught.value.code == "spec_not_applicable"
    assert caught.value.message.endswith(f"has no use for {field} here")
    assert path.read_text() == spec

"""Options of targets that cannot stand together, or do nothing for a kind: one error with its line and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.core.errors import UserError
from bridge.plan.targets import fingerprint_files, target_jobs
from tests.unit.spec.spec_project import SpecProject

HERO = 'kind = "character"\ndescription = "knight"\n[export.json]\n'
GROUND = (
    'kind = "tileset"\ntile_size = 16\n[[terrains]]\nname = "water"\ndescription = "a"\n'
    '[[terrains]]\nname = "sand"\ndescription = "b"\n'
)


def jobs_error(root: Path, spec: str, project: str = "[targets.json]\n") -> str:
    """The error of planning a spec as `file:line message | hint`."""
    loaded = SpecProject(root, project).load(spec)
    with pytest.raises(UserError) as caught:
        target_jobs(loaded, loaded.config)
    error = caught.value
    assert error.code == "config_invalid"
    assert error.where is not None
    return f"{error.where.file}:{error.where.line} {error.message} | {error.hint}"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        (
            'layout = "grid"\ntrim = true',
            5,
            'layout = "grid" with trim = true cannot be',
            "trim = false",
        ),
        ('trim = true\nlayout = "strip"', 4, 'layout = "strip" with trim = true', 'layout = "packed"'),
        ('preset = "pixi"\nframes = "array"', 5, 'preset = "pixi" with frames = "array"', "texturepacker"),
        ('preset = "pixi"\nnames = "index"', 5, 'preset = "pixi" with names = "index"', "Take names out"),
        ('preset = "phaser"\nframes = "hash"', 5, 'preset = "phaser" with frames = "hash"', "texturepacker"),
        ('preset = "phaser"\nnames = "asset"', 5, 'preset = "phaser" with names = "asset"', "Take names out"),
        ('preset = "assetbridge"\ntrim = false', 5, 'preset = "assetbridge" with trim = false', "Take it out"),
    ],
)
def test_options_that_cannot_stand_together(tmp_path: Path, text: str, line: int, message: str, hint: str) -> None:
    error = jobs_error(tmp_path, HERO + text + "\n")
    assert error.startswith(f"a.asset.toml:{line} {message}")
    assert hint in error.partition(" | ")[2]


def test_half_of_a_bad_combination_may_stand_in_the_project_file(tmp_path: Path) -> None:
    error = jobs_error(tmp_path, HERO + 'layout = "grid"\n', "[targets.json]\ntrim = true\n")
    assert error.startswith('a.asset.toml:4 layout = "grid" with trim = true')


def test_a_bad_combination_of_the_project_file_is_told_there(tmp_path: Path) -> None:
    error = jobs_error(tmp_path, HERO, '[targets.json]\npreset = "pixi"\nframes = "array"\n')
    assert error.startswith("assetbridge.toml:6 ")


def test_what_a_spec_says_goes_before_the_project_file(tmp_path: Path) -> None:
    loaded = SpecProject(tmp_path, '[targets.json]\npreset = "pixi"\ntrim = true\n').load(
        HERO + 'preset = "phaser"\nlayout = "grid"\ntrim = false\n'
    )
    (job,) = target_jobs(loaded, loaded.config)
    assert dict(job.options.engine) == {"preset": "phaser", "trim": False, "layout": "grid"}


def test_the_default_is_part_of_what_files_are_made_from_and_the_form_of_before_is_not(tmp_path: Path) -> None:
    def fingerprint(project: str) -> str:
        loaded = SpecProject(tmp_path, project).load(HERO)
        (job,) = target_jobs(loaded, loaded.config)
        assert job.options.engine["preset"] in {"aseprite", "assetbridge"}
        return fingerprint_files(job, loaded, assembled="a", stem="a", identity="a", links={})

    unsaid = fingerprint("[targets.json]\n")
    assert fingerprint('[targets.json]\npreset = "aseprite"\n') == unsaid
    assert fingerprint('[targets.json]\npreset = "assetbridge"\n') != unsaid


@pytest.mark.parametrize("option", ['preset = "pixi"', "trim = true", 'layout = "grid"', 'frames = "hash"'])
def test_an_option_that_a_kind_cannot_have_is_told_with_its_line(tmp_path: Path, option: str) -> None:
    project = SpecProject(tmp_path, "[targets.json]\n")
    name = option.partition(" ")[0]
    (problem,) = project.problems(f"{GROUND}[export.json]\n{option}\n")
    assert problem.startswith(f"10:1 export.json.{name} does not apply to tileset | Remove it here; it is for sprite,")


def test_an_option_of_items_is_told_where_only_clips_have_it(tmp_path: Path) -> None:
    items = 'kind = "items"\nsize = [16, 16]\n[[items]]\nname = "a"\ndescription = "b"\n[export.json]\n'
    project = SpecProject(tmp_path, "[targets.json]\n")
    assert project.problems(items + 'preset = "pixi"\n') == []
    (problem,) = project.problems(items + "trim = true\n")
    assert problem.startswith("7:1 export.json.trim does not apply to items")


def test_defaults_of_the_project_apply_where_they_do_something(tmp_path: Path) -> None:
    project = SpecProject(tmp_path, '[targets.json]\n[defaults.export.json]\npreset = "pixi"\n')
    assert project.problems(GROUND) == []

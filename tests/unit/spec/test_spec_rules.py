"""Rules that need more than one field: what excludes, requires or repeats what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.spec.spec_project import SpecProject

SPRITE = 'kind = "sprite"\ndescription = "boulder"\n'
KNIGHT = 'kind = "character"\ndescription = "knight"\n'
TWO = "Remove one of the two."
ALL = "south, south-east, east, north-east, north, north-west, west or south-west"


@pytest.fixture
def project(tmp_path: Path) -> SpecProject:
    return SpecProject(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('kind = "sprite"\n', "1:1 description is required: say what the asset is"),
        ('kind = "character"\n', "1:1 description is required: say what the asset is"),
        (SPRITE + "pick = 2\n", "3:1 pick is more than variants = 1"),
        (SPRITE + "pick = 4\nvariants = 3\n", "3:1 pick is more than variants = 3"),
        (
            SPRITE + "source = 'a.png'\nsource_url = 'https://a'\n",
            f"4:1 source_url cannot stand beside source | {TWO}",
        ),
        (
            SPRITE + "[process]\npalette = 'a.hex'\ncolors = 3\n",
            f"5:1 process.colors cannot stand beside palette | {TWO}",
        ),
        (SPRITE + "[files]\nclip = 'a.gif'\n", '3:2 files needs provider = "files"'),
        (
            SPRITE + "provider = 'files'\n",
            '1:1 source is required with provider = "files": a path, or a [files] table instead',
        ),
        (
            SPRITE + "provider = 'files'\n[files]\nsheet = 'a.png'\nclip = 'a.gif'\n",
            "6:1 files.clip: only one of pattern, sheet, json, clip and aseprite can be given",
        ),
    ],
)
def test_common_rules(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("directions = 2", "3:1 directions must be 1, 4, 8 or a list of directions, not 2"),
        ("directions = true", "3:1 directions must be 1, 4, 8 or a list of directions, not true"),
        ("directions = 'all'", f'3:1 directions must be 1, 4, 8 or a list of 1 to 8 directions ({ALL}), not "all"'),
        ("directions = []", f"3:1 directions must be 1, 4, 8 or a list of 1 to 8 directions ({ALL}), not []"),
        ("directions = ['south', 'south']", "3:1 directions: a direction is there twice"),
        ("mirror = 'west'", '3:1 mirror must be a table, not "west" | Write it as a table: [mirror].'),
        ("mirror = { west = 3 }", f"3:12 mirror.west must be a direction ({ALL}), not 3"),
        ("mirror = { left = 'east' }", '3:12 mirror.left is no direction | Did you mean "west"?'),
        ("mirror = { west = 'right' }", '3:12 mirror.west must be a direction, not "right" | Did you mean "east"?'),
        (
            "mirror = { north-west = 'north-east' }",
            "3:12 mirror.north-west is not one of the directions south, east, north, west",
        ),
        ("directions = ['west']\nmirror = { west = 'east' }", "4:12 mirror.west: east is not drawn itself"),
        ("mirror = { west = 'east', east = 'west' }", "3:12 mirror.west: east is not drawn itself"),
        ("mirror = { west = 'west' }", "3:12 mirror.west: west is not drawn itself"),
        (
            "[animations.a]\ntemplate = 'x'\naction = 'y'",
            f"5:1 animations.a.action cannot stand beside template | {TWO}",
        ),
        ("[animations.a]\nfps = 8\ndurations = [100]", f"5:1 animations.a.durations cannot stand beside fps | {TWO}"),
        ("[animations.a]\nframes = 3\ndurations = [1, 2]", "5:1 animations.a.durations has 2 values for 3 frames"),
        (
            "[animations.a]\ndirections = 8",
            "4:1 animations.a.directions: south-east is not a direction of the character",
        ),
        ("[animations.a]\ndirections = ['east', 'east']", "4:1 animations.a.directions: a direction is there twice"),
        (
            "[animations.a]\ndirections = ['south']\nmirror = { west = 'east' }",
            "5:12 animations.a.mirror.west is not one of the directions south",
        ),
        ("[animations.a]\nfps = 0", "4:1 animations.a.fps must be a number from 1 to 60, not 0"),
        ("[animations.a]\nfps = nan", "4:1 animations.a.fps must be a number from 1 to 60, not nan"),
        ("[animations.a]\nfps = inf", "4:1 animations.a.fps must be a number from 1 to 60, not inf"),
        ("[animations.a]\nframes = 65", "4:1 animations.a.frames must be a whole number from 1 to 64, not 65"),
        ("[animations.a]\nloop = 'x'", '4:1 animations.a.loop must be true, false or "pingpong", not "x"'),
        (
            "[animations.a]\ndurations = [0]",
            "4:14 animations.a.durations.0 must be a whole number from 1 to 60000, not 0",
        ),
        ("[animations]\na = 3", "4:1 animations.a must be a table, not 3 | Write it as a table: [animations.a]."),
        ("proportions = 3", "3:1 proportions must be a text or a table, not 3"),
        ("proportions = { head_size = 3 }", "3:17 proportions.head_size must be a number from 0.5 to 2, not 3"),
        (
            "proportions = { nose = 1 }",
            (
                "3:17 nose is not known in [proportions]"
                " | Known here: arms_length, head_size, hip_width, legs_length, shoulder_width."
            ),
        ),
        (
            "archetype = 'human'",
            (
                '3:1 archetype must be "humanoid", "quadruped", "winged", "amorphous" or "serpentine"'
                ', not "human" | Did you mean "humanoid"?'
            ),
        ),
        ("[weapon]\nhand = 'l'", '4:1 weapon.hand must be "left", "right" or "both", not "l"'),
    ],
)
def test_rules_of_characters(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(f"{KNIGHT}{text}\n") == [problem]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("southeast", "south-east"),
        ("SE", "south-east"),
        ("south_east", "south-east"),
        ("down_right", "south-east"),
        ("right-down", "south-east"),
        ("down", "south"),
        ("front", "south"),
        ("left", "west"),
        ("N", "north"),
        ("West", "west"),
        ("norht", "north"),
        ("sout-west", "south-west"),
    ],
)
def test_other_spellings_of_directions_are_errors_with_the_right_one(
    project: SpecProject, word: str, meant: str
) -> None:
    said = f'must be a direction ({ALL}), not "{word}" | Did you mean "{meant}"?'
    assert project.problems(f"{SPRITE}direction = '{word}'\n") == [f"3:1 direction {said}"]
    assert project.problems(f"{KNIGHT}directions = ['{word}']\n") == [f"3:15 directions.0 {said}"]


@pytest.mark.parametrize(
    "text",
    [
        "directions = 1",
        "directions = ['west', 'south']",
        "view = 'side'\ndirections = 1\n[animations.a]",
        "directions = 8\nmirror = { west = 'east', south-west = 'south-east', north-west = 'north-east' }",
        "mirror = { west = 'east' }\n[animations.a]\ndirections = ['south']\n[animations.b]\nmirror = {}",
        # The clip shows only west, which is the character's east flipped: east is drawn for it.
        "mirror = { west = 'east' }\n[animations.a]\ndirections = ['west']",
        "[animations.a]\nfps = 60\nframes = 64\nloop = 'pingpong'",
        "[animations.a]\nframes = 2\ndurations = [1, 60000]",
        "[animations.a]\naction = 'x'\nfps = 7.5\nloop = false",
        "proportions = 'heroic'",
        "proportions.head_size = 0.5",
    ],
)
def test_valid_characters(project: SpecProject, text: str) -> None:
    assert project.problems(f"{KNIGHT}{text}\n") == []

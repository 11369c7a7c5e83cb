"""Rules of the other kinds: animation, turnaround, edit, items, tilesets, maps, music, own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.spec.spec_project import SpecProject

CLIP = 'kind = "animation"\nsource = "a.png"\naction = "bob"\n'
TURN = 'kind = "turnaround"\nsource = "a.png"\n'
EDIT = 'kind = "edit"\nsource = "a.png"\ndescription = "helmet"\n'
ITEMS = 'kind = "items"\n[[items]]\nname = "potion"\n'
GROUND = 'kind = "tileset"\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n[[terrains]]\nname = "grass"\n'
BLOCKS = 'kind = "isometric_tiles"\n[[tiles]]\nname = "grass"\n'
MAP = 'kind = "map"\ntileset = "asset:ground"\n'
MUSIC = 'kind = "music"\npreset = "village"\n'
FILES = 'kind = "sprite"\nprovider = "files"\n[files]\nsheet = "a.png"\n'
TWO = "Remove one of the two."
NAME = "a name of small letters, digits and _ that begins with a letter"
WIDTHS = "0, 0.25, 0.5 or 1.0"


@pytest.fixture
def project(tmp_path: Path) -> SpecProject:
    return SpecProject(tmp_path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('kind = "animation"\nsource = "a.png"', "1:1 action is required: the motion in words"),
        (
            'kind = "animation"\naction = "bob"',
            "1:1 source is required: a path or asset:ID#PART (or a keyframe with index 0)",
        ),
        (
            'kind = "animation"\naction = "bob"\n[[keyframes]]\nindex = 1\nsource = "b.png"',
            "1:1 source is required: a path or asset:ID#PART (or a keyframe with index 0)",
        ),
        (CLIP + "fps = 8\ndurations = [100]", f"5:1 durations cannot stand beside fps | {TWO}"),
        (
            CLIP + "[[keyframes]]\nindex = 64\nsource = 'b'",
            "5:1 keyframes.0.index must be a whole number from 0 to 63, not 64",
        ),
        (
            CLIP + "[[keyframes]]\nindex = 0\nsource = 'b'\nstrength = 2",
            "7:1 keyframes.0.strength must be a number from 0 to 1, not 2",
        ),
        (
            CLIP + "[[keyframes]]\nindex = 0\nsource = 'b'\n[[keyframes]]\nindex = 0\nsource = 'c'",
            "4:3 keyframes: an index is there twice",
        ),
        (
            CLIP + "keyframes = []",
            ("4:1 keyframes must be a list of 1 to 8 tables, not [] | Write it as tables: [[keyframes]]."),
        ),
        (CLIP + "[[retakes]]\nframes = [5, 2]", "5:1 retakes.0.frames: the first comes after the last"),
        (
            CLIP + "[[retakes]]\nframes = [5]",
            "5:1 retakes.0.frames must be a list of 2 whole numbers from 0 to 63, not [5]",
        ),
        (CLIP + "[skeleton]", "4:2 skeleton.poses is missing | Add poses, a text."),
        (CLIP + "name = 'Block'", f'4:1 name must be {NAME}, not "Block"'),
        (TURN, "1:1 directions is required, or from_view and to_view, or rotate"),
        ('kind = "turnaround"\ndirections = 4', "1:1 source is required: the picture to turn"),
        (TURN + "directions = 4\nrotate = 45", f"4:1 rotate cannot stand beside directions | {TWO}"),
        (TURN + "from_view = 'side'", "1:1 to_view is required with from_view"),
        (TURN + "to_view = 'side'", "1:1 from_view is required with to_view"),
        (TURN + "rotate = 181", "3:1 rotate must be a whole number from -180 to 180, not 181"),
        (
            TURN + "directions = 4\nmirror = { north-west = 'east' }",
            "4:12 mirror.north-west is not one of the directions south, east, north, west",
        ),
        (EDIT, "1:1 mask is missing | Add mask, a text or a list of 4 whole numbers from 0 to 8192."),
        (EDIT + "mask = [1, 2]", "4:1 mask must be a text or a list of 4 whole numbers from 0 to 8192, not [1, 2]"),
        (EDIT + "mask = [1, 2, 3, -4]", "4:18 mask.3 must be a whole number from 0 to 8192, not -4"),
        ('kind = "edit"\ndescription = "x"\nmask = "m.png"', "1:1 source is required: the picture to edit"),
        (
            'kind = "edit"\nsource = "a.png"\nmask = "m.png"',
            "1:1 description is required: what the masked part becomes",
        ),
    ],
)
def test_rules_of_derived_pictures(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(text + "\n") == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'kind = "items"\nitems = []',
            "2:1 items must be a list of 1 to 256 tables, not [] | Write it as tables: [[items]].",
        ),
        (ITEMS + "[[items]]\nname = 'potion'", "5:1 items.1.name: potion is there twice"),
        (ITEMS + "pick = 17", "4:1 items.0.pick must be a whole number from 1 to 16, not 17"),
        (
            ITEMS + "colour = 1",
            "4:1 colour is not known in [[items]] | Known here: description, name, pick, seed, take.",
        ),
        (
            'kind = "items"\ncolumns = 0\n[[items]]\nname = "a"',
            "2:1 columns must be a whole number from 1 to 64, not 0",
        ),
        (GROUND + "[[terrains]]\nname = 'water'", "9:1 terrains.3.name: water is there twice"),
        (GROUND + "animated = 9", "8:1 terrains.2.animated must be a whole number from 1 to 8, not 9"),
        (GROUND + "frame_ms = 15", "8:1 terrains.2.frame_ms must be a whole number from 16 to 5000, not 15"),
        (GROUND + "variations = 9", "8:1 terrains.2.variations must be a whole number from 0 to 8, not 9"),
        (GROUND + "probability = -1", "8:1 terrains.2.probability must be a number from 0 to 1000, not -1"),
        (GROUND + "color = 'green'", '8:1 terrains.2.color must be a colour like "#1a2b3c", not "green"'),
        (
            GROUND + "[[transitions]]\nbetween = ['water', 'snow']",
            "9:21 transitions.0.between.1: there is no terrain snow",
        ),
        (
            GROUND + "[[transitions]]\nbetween = ['sand', 'water']",
            "9:1 transitions.0.between: the lower terrain comes first",
        ),
        (
            GROUND + "[[transitions]]\nbetween = ['sand', 'sand']",
            "9:1 transitions.0.between: the lower terrain comes first",
        ),
        (
            GROUND + "[[transitions]]\nbetween = ['water', 'grass']\n" * 2,
            "11:1 transitions.1.between: this pair is there twice",
        ),
        (
            GROUND + "[[transitions]]\nbetween = ['water']",
            '9:1 transitions.0.between must be a list of 2 names, not ["water"]',
        ),
        (
            GROUND + "[[transitions]]\nbetween = ['water', 'sand']\nsize = 0.3",
            f"10:1 transitions.0.size must be {WIDTHS}, not 0.3",
        ),
        ("transition_size = 2\n" + GROUND, f"1:1 transition_size must be {WIDTHS}, not 2"),
        ('transition_size = "wide"\n' + GROUND, f'1:1 transition_size must be {WIDTHS}, not "wide"'),
        (
            "tile_size = 4\n" + GROUND,
            "1:1 tile_size must be a whole number from 8 to 256 or a list of 2 whole numbers from 8 to 256, not 4",
        ),
        ("tile_size = [16, 4]\n" + GROUND, "1:18 tile_size.1 must be a whole number from 8 to 256, not 4"),
        ("columns = 3\n" + GROUND, "1:1 columns must be a whole number from 4 to 64, not 3"),
        (
            'kind = "tileset"\nterrains = 3',
            ("2:1 terrains must be a list of 1 to 254 tables, not 3 | Write it as tables: [[terrains]]."),
        ),
        (BLOCKS + "[[tiles]]\nname = 'grass'", "5:1 tiles.1.name: grass is there twice"),
        (BLOCKS + "role = 'roof'", '4:1 tiles.0.role must be "floor", "wall" or "prop", not "roof"'),
        ("grid = [64, 16]\n" + BLOCKS, "1:1 grid is larger than tile_size"),
        (
            "shape = 'blok'\n" + BLOCKS,
            '1:1 shape must be "thin", "thick" or "block", not "blok" | Did you mean "block"?',
        ),
    ],
)
def test_rules_of_sheets_and_tilesets(project: SpecProject, text: str, problem: str) -> None:
    assert project.problems(text + "\n") == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('kind = "map"', "1:1 tileset is required: asset:ID of a tileset"),
        ('kind = "map"\ntileset = "art/ground"', '2:1 tileset must be asset:ID of a tileset, not "art/ground"'),
        (MAP + "size = [0, 513]", "3:9 size.0 must be a whole number from 1 to 512, not 0"),
        (MAP + "[noise]\nscale = 1", "4:1 noise.scale must be a whole number from 2 to 128, not 1"),
        (MAP + "[noise]\noctaves = 9", "4:1 noise.octaves must be a whole number from 1 to 8, not 9"),
        (MAP + "[noise]\nlevels = { water = 1.5 }", "4:12 noise.levels.water must be a number from 0 to 1, not 1.5"),
        (
            MAP + "[noise.levels]\nWater = 0.5",
            (
                "4:1 noise.levels.Water is not a valid name"
                " | Names begin with a small letter and have at most 48 small letters, digits and _: water."
            ),
        ),
        (MAP + "edits = 'a river'", '3:1 edits must be a list of texts, not "a river"'),
        ('kind = "music"', "1:1 preset is required, or a description"),
        (MUSIC + "bpm = 241", "3:1 bpm must be a whole number from 40 to 240, not 241"),
        (MUSIC + "duration = 0.5", "3:1 duration must be a number from 1 to 300, not 0.5"),
        (MUSIC + "duration = '30s'", '3:1 duration must be a number from 1 to 300, not "30s"'),
        (FILES + "frame = [0, 1]", "5:10 files.frame.0 must be a whole number from 1 to 2048, not 0"),
        (FILES + "margin = -1", "5:1 files.margin must be a whole number from 0 to 256, not -1"),
        (
            FILES + "rows = [{ animation = 'Walk', frames = 1 }]",
            f'5:11 files.rows.0.animation must be {NAME}, not "Walk"',
        ),
        (
            FILES + "rows = [{ animation = 'walk' }]",
            "5:9 files.rows.0.frames is missing | Add frames, a whole number from 1 to 256.",
        ),
        (FILES + "json = 'a.json'", "5:1 files.json: only one of pattern, sheet, json, clip and aseprite can be given"),
        (
            FILES + "layout = 'blob'",
            (
                '5:1 files.layout must be "corner16", "pixellab", "dual_grid", "blob47", '
                '"rpgmaker_a2" or "tilesetter_wang", not "blob" | Did you mean "blob47"?'
            ),
        ),
    ],
)
def test_rules_of_maps_music_and_own_files(project: SpecProject, text: str, problem: str) -> None:
    assert [one for one in project.problems(text + "\n") if "513" not in one] == [problem]


@pytest.mark.parametrize(
    "text",
    [
        CLIP + "frames = 64\nfps = 1.5\nloop = 'pingpong'\ndirection = 'south'",
        CLIP + "[[retakes]]\nframes = [2, 2]",
        'kind = "animation"\naction = "bob"\n[[keyframes]]\nindex = 0\nsource = "b.png"',
        'kind = "animation"\nsource = "a.png"\n[skeleton]\nposes = "estimate"',
        'kind = "animation"\nprovider = "files"\n[files]\nclip = "a.gif"',
        TURN + "directions = ['east']",
        TURN + "from_view = 'side'\nto_view = 'low top-down'",
        TURN + "rotate = -180",
        TURN + "rotate = 45\ntilt = 0",
        EDIT + "mask = 'transparent'",
        EDIT + "mask = [0, 0, 8, 8]",
        'kind = "edit"\nsource_url = "https://a"\nmask = "m.png"\ndescription = "x"\nprovider = "pixeldojo"',
        "tile_size = 8\ntransition_size = 1\n" + GROUND,
        "tile_size = [8, 256]\ntransition_size = 0.0\n" + GROUND,
        GROUND + "[[transitions]]\nbetween = ['water', 'grass']\nsize = 1.0",
        "grid = [32, 16]\n" + BLOCKS,
        MAP + "size = [1, 512]\n[noise]\nlevels = { water = 0, sand = 1 }",
        'kind = "map"\nprovider = "sprixen"',
        'kind = "map"\nprovider = "files"\nsource = "a.tmx"',
        MUSIC + "duration = 300\nbpm = 40",
        'kind = "music"\ndescription = "calm"',
        FILES + "frame = [1, 2048]",
        'kind = "sprite"\nprovider = "files"\nsource = "a.png"',
        'kind = "sprite"\nadopt = "remote-7"',
        'kind = "sprite"\nsource = "a.png"',
    ],
)
def test_valid_specs(project: SpecProject, text: str) -> None:
    assert project.problems(text + "\n") == []

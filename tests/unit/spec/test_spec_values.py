"""Wrong values in fields and tables that every kind may have: one sentence each, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.spec.spec_project import SpecProject

SPRITE = 'kind = "sprite"\ndescription = "mossy boulder"\n'


@pytest.fixture
def project(tmp_path: Path) -> SpecProject:
    return SpecProject(tmp_path)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("size = [0, 32]", "3:9 size.0 must be a whole number from 8 to 2048, not 0"),
        ("size = [32, 100000]", "3:13 size.1 must be a whole number from 8 to 2048, not 100000"),
        ("size = [-8, 32]", "3:9 size.0 must be a whole number from 8 to 2048, not -8"),
        ("size = [16.5, 32]", "3:9 size.0 must be a whole number from 8 to 2048, not 16.5"),
        ("size = [true, 32]", "3:9 size.0 must be a whole number from 8 to 2048, not true"),
        ("size = 32", "3:1 size must be a list of 2 whole numbers from 8 to 2048, not 32"),
        ("size = [32]", "3:1 size must be a list of 2 whole numbers from 8 to 2048, not [32]"),
        ("size = [8, 8, 8]", "3:1 size must be a list of 2 whole numbers from 8 to 2048, not [8, 8, 8]"),
        ('size = "32x32"', '3:1 size must be a list of 2 whole numbers from 8 to 2048, not "32x32"'),
        ("seed = 0", "3:1 seed must be a whole number from 1 to 2147483647, not 0"),
        ("seed = 2147483648", "3:1 seed must be a whole number from 1 to 2147483647, not 2147483648"),
        ("seed = 1979-05-27", "3:1 seed must be a whole number from 1 to 2147483647, not 1979-05-27"),
        ("take = 0", "3:1 take must be a whole number from 1 to 100000, not 0"),
        ("variants = 17", "3:1 variants must be a whole number from 1 to 16, not 17"),
        ("pick = 0", "3:1 pick must be a whole number from 1 to 16, not 0"),
        ("retries = 4", "3:1 retries must be a whole number from 0 to 3, not 4"),
        ("colors = 1", "3:1 colors must be a whole number from 2 to 256, not 1"),
        ("transparent = 1", "3:1 transparent must be true or false, not 1"),
        ("enhance = 'yes'", '3:1 enhance must be true or false, not "yes"'),
        ("model = 3", "3:1 model must be a text, not 3"),
        ("outline = [1]", "3:1 outline must be a text of at most 200 characters, not [1]"),
        ("view = 'top'", '3:1 view must be "side", "low top-down" or "high top-down", not "top"'),
        (
            "view = 'topdown'",
            (
                '3:1 view must be "side", "low top-down" or "high top-down", not "topdown"'
                ' | Did you mean "low top-down"?'
            ),
        ),
        ("source_url = 'http://x'", '3:1 source_url must be an https URL, not "http://x"'),
        (
            "projection = 'ortho'",
            '3:1 projection must be "orthogonal", "isometric" or "oblique", not "ortho" | Did you mean "orthogonal"?',
        ),
        (
            "provider_options = 3",
            ("3:1 provider_options must be a table, not 3 | Write it as a table: [provider_options]."),
        ),
        ("process = []", "3:1 process must be a table, not [] | Write it as a table: [process]."),
    ],
)
def test_a_wrong_value(project: SpecProject, line: str, problem: str) -> None:
    assert project.problems(f"{SPRITE}{line}\n") == [problem]


@pytest.mark.parametrize(
    ("table", "line", "problem"),
    [
        ("process", "matte = 'red'", 'matte must be "auto", "none" or a colour like "#1a2b3c", not "red"'),
        ("process", "grid = 0", 'grid must be "auto", "none" or a whole number from 1 to 128, not 0'),
        ("process", "grid = 2.5", 'grid must be "auto", "none" or a whole number from 1 to 128, not 2.5'),
        (
            "process",
            "canvas = 'big'",
            'canvas must be "native", "size", "trim" or a list of 2 whole numbers from 8 to 2048, not "big"',
        ),
        (
            "process",
            "canvas = [8]",
            'canvas must be "native", "size", "trim" or a list of 2 whole numbers from 8 to 2048, not [8]',
        ),
        (
            "process",
            "align = 'centre'",
            'align must be "none", "feet" or "center", not "centre" | Did you mean "center"?',
        ),
        ("process", "palette = 3", 'palette must be a text or a list of colours like "#1a2b3c", not 3'),
        ("process", "colors = 257", "colors must be a whole number from 2 to 256, not 257"),
        ("process", "alpha = 1", 'alpha must be "binary" or "keep", not 1'),
        ("process", "dither = 'x'", 'dither must be true or false, not "x"'),
        ("process", "outline = '#12345'", 'outline must be "none", "fix" or a colour like "#1a2b3c", not "#12345"'),
        (
            "export",
            "pivot = 'botom'",
            (
                'pivot must be "center", "bottom", "top_left" or a list of 2 numbers from 0 to 1, not "botom"'
                ' | Did you mean "bottom"?'
            ),
        ),
        (
            "export",
            "direction_names = 'down'",
            'direction_names must be "compass" or "screen", not "down"',
        ),
        ("export", "padding = 9", "padding must be a whole number from 0 to 8, not 9"),
        ("export", "extrude = 5", "extrude must be a whole number from 0 to 4, not 5"),
        ("export", "max_sheet = 128", "max_sheet must be a whole number from 256 to 8192, not 128"),
        ("export.unity", "pixels_per_unit = 0", "pixels_per_unit must be a whole number from 1 to 1024, not 0"),
        ("export.unity", "audio = 'both'", 'audio must be "wav" or "ogg", not "both"'),
        ("export.godot", "scene = 'x'", 'scene must be true or false, not "x"'),
        ("export.tiled", "encoding = 'gzip'", 'encoding must be "csv", "base64" or "zlib", not "gzip"'),
        ("export.json", "padding = -1", "padding must be a whole number from 0 to 8, not -1"),
        ("reference", "style_strength = 101", "style_strength must be a whole number from 0 to 100, not 101"),
        ("reference", "init_strength = 0", "init_strength must be a whole number from 1 to 999, not 0"),
    ],
)
def test_a_wrong_value_in_a_table(project: SpecProject, table: str, line: str, problem: str) -> None:
    assert project.problems(f"{SPRITE}[{table}]\n{line}\n") == [f"4:1 {table}.{problem}"]


@pytest.mark.parametrize(
    ("table", "line", "column", "problem"),
    [
        ("process", "canvas = [0, 16]", 11, "canvas.0 must be a whole number from 8 to 2048, not 0"),
        ("process", "palette = ['#000000', 'red']", 23, 'palette.1 must be a colour like "#1a2b3c", not "red"'),
        ("reference", "colors = [1]", 11, 'colors.0 must be a colour like "#1a2b3c", not 1'),
        ("export", "pivot = [0.5, 1.5]", 15, "pivot.1 must be a number from 0 to 1, not 1.5"),
        (
            "export",
            "targets = ['goddot']",
            12,
            'targets.0 must be "godot", "tiled", "unity", "json" or "aseprite", not "goddot" | Did you mean "godot"?',
        ),
        (
            "refine",
            "pixelate = { provider = 'x', colors = 1 }",
            30,
            "pixelate.colors must be a whole number from 2 to 256, not 1",
        ),
        ("refine", "stabilize = { mode = 'tight' }", 1, "stabilize.provider is missing | Add provider, a text."),
    ],
)
def test_a_wrong_value_inside_one_that_may_be_several_things(
    project: SpecProject, table: str, line: str, column: int, problem: str
) -> None:
    assert project.problems(f"{SPRITE}[{table}]\n{line}\n") == [f"4:{column} {table}.{problem}"]


def test_a_long_text_is_shown_cut_and_counted(project: SpecProject) -> None:
    text = f'kind = "sprite"\ndescription = "{"x" * 2001}"\n'
    shown = f'"{"x" * 40}…" (2001 characters)'
    assert project.problems(text) == [f"2:1 description must be a text of at most 2000 characters, not {shown}"]


def test_a_text_of_several_lines_is_shown_on_one(project: SpecProject) -> None:
    text = f'{SPRITE}view = """\nfrom "above"\n"""\n'
    (problem,) = project.problems(text)
    assert problem.endswith('not "from \\"above\\"\\n"')


def test_a_long_list_is_counted(project: SpecProject) -> None:
    text = f"{SPRITE}size = {list(range(100))}\n"
    assert project.problems(text) == ["3:1 size must be a list of 2 whole numbers from 8 to 2048, not a list of 100"]


def test_everything_is_said_at_once_in_the_order_of_the_file(project: SpecProject) -> None:
    text = f"{SPRITE}seed = -1\nsizes = [1, 1]\nsize = [0, 0]\n[process]\ncolors = 1\n[export]\npading = 1\n"
    assert [problem.split(" ")[:2] for problem in project.problems(text)] == [
        ["3:1", "seed"],
        ["4:1", "sizes"],
        ["5:9", "size.0"],
        ["5:12", "size.1"],
        ["7:1", "process.colors"],
        ["9:1", "pading"],
    ]


@pytest.mark.parametrize(
    "more",
    [
        "size = [8, 2048]\nseed = 2147483647\ntake = 100000\nvariants = 16\npick = 16\nretries = 3",
        f'negative = "{"x" * 2000}"',
        "[process]\nmatte = '#Ff00fF'\ngrid = 8\ncanvas = [8, 8]\npalette = ['#000000']\noutline = 'none'",
        "[process]\ncanvas = 'trim'\ncolors = 2\ndither = true\nalpha = 'keep'",
        "[export]\ntargets = []\npivot = [0, 1]\npadding = 0\n[export.json]\nmax_sheet = 8192",
        "[reference]\nstyle = 'a.png'\nstyle_strength = 0\ncolors = 'a.hex'",
        "[refine]\npixelate = { provider = 'pixelengine', colors = 24 }",
        "[provider_options]\nanything = { at = [1, 'all'] }",
    ],
)
def test_the_ends_of_every_range_are_valid(project: SpecProject, more: str) -> None:
    assert project.problems(f"{SPRITE}{more}\n") == []


def test_carriage_returns_and_a_byte_order_mark_change_no_place(project: SpecProject) -> None:
    text = f"\ufeff{SPRITE}size = [0, 8]\n".replace("\n", "\r\n")
    assert project.problems(text) == ["3:9 size.0 must be a whole number from 8 to 2048, not 0"]

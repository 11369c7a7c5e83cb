"""The recipe of a command: a module and one line."""

from __future__ import annotations

import pytest

from tests.contract.recipes import RecipeCopy

MAIN = "from bridge.cli import main; raise SystemExit(main())"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> RecipeCopy:
    copy = RecipeCopy(tmp_path_factory.mktemp("command"), "A CLI command")
    copy.write('kind = "sprite"\ndescription = "rock"\nsize = [16, 16]\n', "rock")
    copy.write('kind = "sprite"\ndescription = "tree"\nsize = [16, 16]\n', "tree")
    copy.run("build")
    return copy


def test_one_line_lists_it(copy: RecipeCopy) -> None:
    assert copy.list_changed() == ["bridge/cli/group.py"]
    helped = copy.call("-c", MAIN, "--help")
    assert "kinds          How many assets of each kind there are." in helped.stdout
    own = copy.call("-c", MAIN, "kinds", "--help")
    assert "How many assets of each kind there were at the last build." in own.stdout
    assert "--project" in own.stdout


def test_it_answers_people_and_scripts(copy: RecipeCopy) -> None:
    assert copy.run("kinds") == {"kinds": {"sprite": 2}}
    elsewhere = copy.call("-c", MAIN, "kinds", "--project", str(copy.game), folder=copy.site)
    assert (elsewhere.returncode, elsewhere.stdout) == (0, "   2 sprite\n"), elsewhere.stderr


def test_its_errors_are_everybody_s(copy: RecipeCopy) -> None:
    error = copy.run("kinds", "--project", str(copy.site), expect=2)["error"]
    assert error["code"] == "no_project"
    assert "Did you mean kinds?" in copy.run("kindz", expect=2)["error"]["hint"]

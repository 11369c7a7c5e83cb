"""The files for GitHub: they cannot run here, so their form is checked against the schemas of SchemaStore."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def schema_complaints(schema: str, path: Path) -> str:
    """What check-jsonschema says of a file, by a schema that it carries; empty when it fits."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        *(("github-workflows", path) for path in WORKFLOWS),
        *(("github-issue-forms", path) for path in FORMS),
        ("github-issue-config", GITHUB / "ISSUE_TEMPLATE/config.yml"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_it_fits_its_schema(schema: str, path: Path) -> None:
    assert schema_complaints(schema, path) == ""


def test_a_wrong_workflow_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("name: wrong\non: push\njobs: {a: {runs-on: ubuntu-latest, stepz: []}}\n")
    assert "stepz" in schema_complaints("github-workflows", wrong)


def test_workflows_call_the_commands_that_everybody_runs() -> None:
    commands = [
        step["run"]
        for path in WORKFLOWS
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        for step in job.get("steps", [])
        if "run" in step
    ]
    assert len(commands) == 3
    assert [command for command in commands if not re.match(r"bash \.ci/run$|python -m tests\.run ", command)] == []


def test_every_python_that_is_promised_is_tested() -> None:
    jobs = yaml.safe_load((GITHUB / "workflows/tests.yml").read_text(encoding="utf-8"))["jobs"]
    promised = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert jobs["systems"]["strategy"]["matrix"]["python"] == promised

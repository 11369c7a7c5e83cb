"""Pages and code say the same: generated pages, examples, links."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bridge.processing.registry import PIPELINE
from bridge.spec.model import KINDS
from tests.pages.docs import PAGES

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
WRITTEN = [
    *sorted(ROOT.glob("*.md")),
    *sorted(DOCS.rglob("*.md")),
    *sorted(ROOT.glob("bridge/*/ADDING.md")),
    ROOT / "exporters/ADDING.md",
]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_pages_are_current(name: str) -> None:
    assert (DOCS / "reference" / name).read_text(encoding="utf-8") == PAGES[name](), "run: python -m tests.pages.docs"


def toml_blocks(page: Path) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "block",
    [block for page in WRITTEN for block in toml_blocks(page) if block.startswith("kind")],
    ids=lambda text: text[:60],
)
def test_every_example_of_a_spec_is_valid(block: str) -> None:
    data = tomllib.loads(block)
    KINDS[data["kind"]].model_validate(data)


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not target.startswith("http") and not (page.parent / target).exists()] == []


def test_the_reference_names_every_kind_and_key() -> None:
    page = PAGES["specs.md"]()
    for kind, model in KINDS.items():
        section = page.split(f"\n## {kind}\n", 1)[1].split("\n## ", 1)[0]
        own = [name for name in model.model_fields if name != "kind"]
        common = page.split("\n## Fields of every kind\n", 1)[1]
        for name in own:
            key = model.model_fields[name].alias or name
            assert f"| `{key}` |" in section or f"| `{key}` |" in common or f"[{key}]" in common, (kind, key)


def test_the_order_of_the_steps_is_that_of_the_pipeline() -> None:
    text = (DOCS / "guides" / "art.md").read_text(encoding="utf-8")
    sentence = re.search(r"The order is fixed: (.*?)\.", text, re.DOTALL)
    assert sentence is not None
    words = re.sub(r"\([^)]*\)", "", sentence[1]).split(",")
    assert [word.strip() for word in words] == list(dict.fromkeys(step.stage or step.name for step in PIPELINE))


PATH = re.compile(r"`((?:bridge|exporters|godot_addon)/[\w./*-]*)`")


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_paths_of_the_code_are_there(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    # NAME stands for any: the folder above it has to be there.
    paths = [path.partition("NAME")[0] for path in PATH.findall(text)]
    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []

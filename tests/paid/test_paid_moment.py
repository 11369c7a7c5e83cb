"""A project that changes under a build which waits for an order.

Nothing is written or ordered for what is not there any more, and what is paid for is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator, sprixen
from tests.paid.shops import ROCK, SHOPS, Customer, decide_when

SPEC = "art/thing.asset.toml"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for shop in SHOPS.values():
        monkeypatch.setenv(*shop.key)


def replace_lock(root: Path) -> None:
    lock = root / "assetbridge.lock"
    text = lock.read_text(encoding="utf-8")
    lock.unlink()
    lock.write_text(text + "\n", encoding="utf-8")


def finish_jobs(emulator: Emulator[Any]) -> None:
    """What was ordered so far is finished at once."""
    for job in emulator.personality.world.jobs.values():
        job.seconds = 0.0


CHANGES: dict[str, Callable[[Path], object]] = {
    "spec removed": lambda root: (root / SPEC).unlink(),
    "spec changed": lambda root: (root / SPEC).write_text((root / SPEC).read_text() + "# more\n"),
    "lock replaced": replace_lock,
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_under_a_build_is_not_written_and_what_was_paid_for_is_kept(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Emulator[Any](sprixen.Sprixen(job_seconds=600.0)) as emulator:
        customer = Customer(tmp_path / "game", SHOPS["sprixen"], emulator, Decimal(5))
        customer.write("art/rock.asset.toml", ROCK.format(1))
        customer.run("build")
        customer.spec()
        before = (customer.root / SPEC).read_bytes()

        def change(_number: int) -> None:
            CHANGES[name](customer.root)
            finish_jobs(emulator)

        thread = decide_when(customer, "running", change)
        capsys.readouterr()
        assert customer.run("build", "--json") == 1
        thread.join()
        [failed] = [row for row in json.loads(capsys.readouterr().out)["assets"] if row["error"]]
        assert failed["error"]["code"] == "project_changed"
        assert "What was paid for is kept" in failed["error"]["hint"]
        assert not list((customer.root / "export").rglob("thing*"))
        customer.write(SPEC, before)
        assert customer.run("build") == 0
        assert (customer.sent, customer.state()) == (1, "ready")


def test_nothing_more_is_ordered_for_a_spec_that_went(tmp_path: Path) -> None:
    with Emulator[Any](sprixen.Sprixen(job_seconds=600.0)) as emulator:
        customer = Customer(tmp_path / "game", SHOPS["sprixen"], emulator, Decimal(5))
        text = (customer.root / "assetbridge.toml").read_text(encoding="utf-8")
        customer.write("assetbridge.toml", text.replace("base_url", "max_concurrent = 1\nbase_url"))
        for number in range(3):
            customer.spec(f"art/thing{number}", number)

        def remove_others(number: int) -> None:
            with customer.journal() as journal:
                ordered = journal.jobs.get(number).asset
            for other in range(3):
                if ordered != f"art/thing{other}":
                    (customer.root / f"art/thing{other}.asset.toml").unlink()
            finish_jobs(emulator)

        thread = decide_when(customer, "running", remove_others)
        assert customer.run("build") == 1
        thread.join()
        assert customer.sent == 1
        assert customer.books()["charged"] == "1"

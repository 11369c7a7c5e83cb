"""What a team has spent, as far as the receipts of a committed store tell."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.paths import STORE_FOLDER
from tests.emulator import Emulator
from tests.paid.shops import SHOPS, Customer


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for shop in SHOPS.values():
        monkeypatch.setenv(*shop.key)


def test_a_day_s_budget_counts_what_others_bought(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = SHOPS["pixellab"]
    with Emulator(shop.make(False)) as emulator:
        one = Customer(tmp_path / "one", shop, emulator, Decimal(3))
        for number in range(2):
            one.spec(f"art/thing_{number}", number)
        assert one.run("build") == 0
        other = Customer(tmp_path / "other", shop, emulator, Decimal(3))
        shutil.copytree(one.root / STORE_FOLDER, other.root / STORE_FOLDER)
        for number in (7, 8):
            other.spec(f"art/thing_{number}", number)
        capsys.readouterr()
        other.run("plan", "--json")
        [cost] = json.loads(capsys.readouterr().out)["providers"]
        assert (cost["verdict"], cost["used"]) == ("over", "2")
        assert other.run("build") == 4
        assert one.sent == 3
        assert "3 of the budget of 3 generations a day" in capsys.readouterr().err
        # Without the receipts it would start at nothing: they count though the journal is new.
        assert other.used().amount == 1


def test_spend_of_a_team_says_who(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = SHOPS["pixellab"]
    with Emulator(shop.make(False)) as emulator:
        for name, numbers in (("Ada", (1, 2)), ("Bob", (3,))):
            monkeypatch.setattr("bridge.orders.receipts.read_user_name", lambda _root, name=name: name)
            monkeypatch.setattr("bridge.operations.spend.read_user_name", lambda _root, name=name: name)
            customer = Customer(tmp_path / name, shop, emulator, Decimal(9))
            if name == "Bob":
                shutil.copytree(tmp_path / "Ada" / STORE_FOLDER, customer.root / STORE_FOLDER)
            for number in numbers:
                customer.spec(f"art/thing_{number}", number)
            assert customer.run("build") == 0
        capsys.readouterr()
        assert customer.run("spend", "--team", "--by", "person", "--json") == 0
        document = json.loads(capsys.readouterr().out)
        assert [(row["name"], row["charged"], row["orders"]) for row in document["rows"]] == [
            ("Ada", "2", 2),
            ("Bob", "1", 1),
        ]
        assert [row["charged"] for row in document["sums"]] == ["3"]
        assert customer.run("spend", "--json") == 0
        assert [row["charged"] for row in json.loads(capsys.readouterr().out)["sums"]] == ["1"]
        assert customer.run("spend", "--by", "person") == 2
        assert customer.run("spend", "--team", "--by", "order") == 2
        next((customer.root / STORE_FOLDER / "receipts").iterdir()).write_bytes(b"{")
        capsys.readouterr()
        assert customer.run("spend", "--team") == 0
        assert capsys.readouterr().err.count("cannot be read") == 1

"""Buying from PixelLab, from specs to files: prices, approvals, free edits, adoption, everything once."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

import pytest

from tests.emulator import OTHER_KEY, Emulator, PixelLab, Variant
from tests.paid.conftest import EVERYTHING, GUARD, ICONS, KNIGHT, LAND, Make, Paid, Server


def test_everything_is_bought_once_and_lands_in_the_engines_files(paid: Paid) -> None:
    for asset_id, text in EVERYTHING.items():
        paid.spec(asset_id, text)
    plan = paid.run("plan", "--json", expect=None).json
    [cost] = plan["cost"]
    assets = paid.built("--yes")
    assert {asset["state"] for asset in assets.values()} == {"ready"}
    assert {"godot", "tiled", "json"} <= set(assets["art/knight"]["outputs"])
    knight = (paid.root / "game/generated/art/knight.tres").read_text(encoding="utf-8")
    for name in ("walk_south", "walk_west", "idle_north_west", "attack_east"):
        assert f'&"{name}"' in knight
    sheet = json.loads((paid.root / "export/art/knight.json").read_text(encoding="utf-8"))
    tags = {tag["name"]: tag["to"] - tag["from"] + 1 for tag in sheet["meta"]["frameTags"]}
    assert tags["walk_south"] == 8
    wave = json.loads((paid.root / "export/art/wave.json").read_text(encoding="utf-8"))
    assert len(wave["frames"]) == 8
    land = json.loads((paid.root / "export/art/land.json").read_text(encoding="utf-8"))
    assert len(land["tiles"]) == 31
    assert paid.charged == float(cost["amount"])
    assert max(paid.emulator.ledger.charges_by_body().values()) == 1
    charged = paid.charged
    assert "\nnothing to do" in paid.run("plan", "--detailed-exitcode").out
    paid.built("--yes")
    assert paid.charged == charged
    spent = paid.run("spend", "--json").json["rows"]
    assert [(row["name"], Decimal(row["charged"])) for row in spent] == [("pixellab", Decimal(str(charged)))]


def test_a_pipe_asks_nobody_and_spends_nothing(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.spec("art/own", 'kind = "sprite"\nprovider = "procedural"\ndescription = "rock"\nsize = [16, 16]\n')
    assets = paid.built(expect=4)
    assert assets["art/guard"]["state"] == "needs_approval"
    assert assets["art/own"]["state"] == "ready"
    assert paid.charged == 0


def test_a_budget_spends_by_itself_up_to_its_end(make: Make, emulator: Server) -> None:
    paid = make(emulator, '[budget]\npixellab = { unit = "generations", per_build = 2 }')
    paid.spec("art/icons", ICONS)
    plan = paid.run("plan", "--json").json
    assert [entry["verdict"] for entry in plan["providers"]] == ["over"]
    assert plan["providers"][0]["balance"] is not None
    assets = paid.built(expect=4)
    assert assets["art/icons"]["error"]["code"] == "over_budget"
    assert paid.charged == 2
    paid.built(expect=0)
    assert paid.charged == 3


def test_max_cost_lowers_what_was_approved(paid: Paid) -> None:
    paid.spec("art/icons", ICONS)
    assets = paid.built("--yes", "--max-cost", "generations=1", expect=4)
    assert assets["art/icons"]["error"]["code"] == "over_budget"
    assert paid.charged == 1


def test_free_edits_buy_nothing(paid: Paid) -> None:
    paid.spec("art/knight", KNIGHT)
    paid.built("--yes")
    charged = paid.charged
    paid.replace("art/knight.asset.toml", "fps = 10", "fps = 14")
    paid.write(
        "art/knight.asset.toml", (paid.root / "art/knight.asset.toml").read_text() + '[process]\nalign = "none"\n'
    )
    assert paid.run("plan", "--json").json["cost"] == []
    paid.built()
    assert paid.charged == charged


def test_an_animation_added_later_buys_that_animation_only(paid: Paid) -> None:
    paid.spec("art/knight", KNIGHT)
    paid.built("--yes")
    charged = paid.charged
    paid.spec("art/knight", KNIGHT + '[animations.jump]\ntemplate = "jumping-1"\n')
    [cost] = paid.run("plan", "--json").json["cost"]
    assert cost["amount"] == "5"
    paid.built("--yes")
    assert paid.charged == charged + 5
    creations = paid.emulator.ledger.requests("POST /create-character-with-8-directions")
    assert len(creations) == 1


def test_a_failed_direction_is_planned_and_priced_again(make: Make) -> None:
    variant = Variant(failing=frozenset({"north"}))
    with Emulator(PixelLab(variant)) as emulator:
        paid = make(emulator)
        text = KNIGHT.partition("[animations.idle]")[0]
        paid.spec("art/knight", text)
        assets = paid.built("--yes", expect=3)
        assert assets["art/knight"]["error"]["code"] == "provider_failed"
        [cost] = paid.run("plan", "--json").json["cost"]
        assert cost["amount"] == "1"
        object.__setattr__(emulator.personality.variant, "failing", frozenset())
        paid.built("--yes")
        assert max(Counter(emulator.ledger.charges_by_body()).values()) <= 2


def test_a_character_of_the_account_is_adopted_for_nothing(make: Make, emulator: Server) -> None:
    first = make(emulator, name="first")
    still = KNIGHT.partition("[animations")[0]
    first.spec("art/knight", still)
    first.built("--yes")
    charged = first.charged
    lock = json.loads((first.root / "assetbridge.lock").read_text(encoding="utf-8"))
    ids = [step["ids"]["character"] for step in lock["assets"]["art/knight"]["steps"].values()]
    second = make(emulator, name="second")
    second.spec("art/hero", still + f'adopt = "{ids[0]}"\n')
    listed = second.run("providers", "assets", "pixellab", "--json").json["assets"]
    assert ids[0] in {asset["id"] for asset in listed}
    assert second.run("plan", "--json").json["cost"] == []
    second.built()
    assert second.charged == charged
    one = (first.root / "export/art/knight.png").read_bytes()
    assert (second.root / "export/art/hero.png").read_bytes() == one


def test_a_clone_with_lock_and_store_buys_nothing(paid: Paid, make: Make, emulator: Server) -> None:
    import shutil

    paid.spec("art/land", LAND)
    paid.built("--yes")
    charged = paid.charged
    other = make(emulator, name="clone")
    for name in ("art", "assetbridge.lock", ".assetbridge/store"):
        source = paid.root / name
        if source.is_dir():
            shutil.copytree(source, other.root / name)
        else:
            shutil.copy(source, other.root / name)
    assert other.run("plan", "--json").json["cost"] == []
    other.built()
    assert other.charged == charged
    assert other.files() == paid.files()


def test_a_lost_store_is_fetched_again_by_its_ids(paid: Paid) -> None:
    import shutil

    paid.spec("art/land", LAND)
    paid.built("--yes")
    charged, before = paid.charged, paid.files()
    shutil.rmtree(paid.root / ".assetbridge/store")
    (paid.root / "export/art/land.png").unlink()
    assert {asset["action"] for asset in paid.plan().values()} == {"blocked"}
    paid.built()
    assert paid.charged == charged
    assert paid.files() == before


@pytest.mark.parametrize(
    ("key", "options", "code", "exit_code"),
    [
        ("wrong-key-1234", {}, "key_rejected", 3),
        ("", {}, "key_missing", 2),
        (OTHER_KEY, {"credits": 0.0}, "no_credits", 3),
    ],
)
def test_what_is_wrong_with_the_account_is_said_and_others_go_on(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    options: dict[str, float],
    code: str,
    exit_code: int,
) -> None:
    monkeypatch.setenv("PIXELLAB_API_KEY", key)
    with Emulator(PixelLab(**options)) as emulator:  # type: ignore[arg-type]
        paid = make(emulator)
        paid.spec("art/icons", ICONS)
        paid.spec("art/own", 'kind = "sprite"\nprovider = "procedural"\ndescription = "rock"\nsize = [16, 16]\n')
        assets = paid.built("--yes", expect=exit_code)
        assert assets["art/icons"]["error"]["code"] == code
        assert assets["art/icons"]["error"]["hint"]
        assert assets["art/own"]["state"] == "ready"
        assert paid.charged == 0
        assert sum(row.route.startswith("POST") for row in emulator.ledger.rows) <= 4


def test_a_provider_that_is_down_stops_only_its_own(make: Make, emulator: Server) -> None:
    paid = make(emulator)
    paid.write(
        "assetbridge.toml",
        (paid.root / "assetbridge.toml").read_text().replace(emulator.url, f"{emulator.closed_url}"),
    )
    paid.spec("art/guard", GUARD)
    paid.spec("art/own", 'kind = "sprite"\nprovider = "procedural"\ndescription = "rock"\nsize = [16, 16]\n')
    assets = paid.built("--yes", expect=3)
    assert assets["art/guard"]["error"]["code"] == "provider_offline"
    assert assets["art/own"]["state"] == "ready"


def test_a_refusal_leads_to_the_line_of_the_spec(make: Make) -> None:
    with Emulator(PixelLab(Variant())) as emulator:
        paid = make(emulator)
        paid.spec("art/knight", KNIGHT.replace("[48, 48]", "[24, 24]"))
        error = paid.built("--yes", expect=None)["art/knight"]["error"]
        assert error["where"]["line"] == 3, error
        assert paid.charged == 0


def test_the_same_wish_is_bought_once_whoever_has_it(paid: Paid) -> None:
    for name in ("art/one", "art/two"):
        paid.spec(name, GUARD + "seed = 7\n")
    assert paid.run("plan", "--json").json["cost"][0]["amount"] == "1"
    assets = paid.built("--yes")
    assert {asset["state"] for asset in assets.values()} == {"ready"}
    assert paid.charged == 1
    one, two = ((paid.root / f"export/art/{name}.png").read_bytes() for name in ("one", "two"))
    assert one == two


def test_another_take_of_a_set_is_a_new_set(paid: Paid) -> None:
    paid.spec("art/guard", GUARD + "variants = 3\n")
    paid.built("--yes")
    first = {step["fingerprint"] for step in paid.plan()["art/guard"]["steps"]}
    paid.run("reroll", "art/guard")
    planned = paid.plan()["art/guard"]
    assert [step["cached"] for step in planned["steps"]] == [False] * 3
    assert not first & {step["fingerprint"] for step in planned["steps"]}
    paid.built("--yes")
    assert paid.charged == 6

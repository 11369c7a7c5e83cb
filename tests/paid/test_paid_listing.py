"""What is asked and not bought: models, and whether webhooks arrive."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.providers.pixeldojo import catalogue
from tests.emulator import Emulator
from tests.emulator.pixeldojo import KEY, PixelDojo
from tests.emulator.postman import Postman, post
from tests.paid.conftest import Paid
from tests.pipeline.conftest import Workspace


@pytest.fixture
def emulated() -> Iterator[Emulator[PixelDojo]]:
    with Emulator(PixelDojo()) as running:
        yield running


@pytest.fixture
def dojo(paid: Paid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulated: Emulator[PixelDojo]) -> Workspace:
    """The project, with an emulated catalogue and no key for it."""
    monkeypatch.setattr(catalogue, "default_file", lambda: tmp_path / "cache" / "models.json")
    monkeypatch.delenv("PIXELDOJO_API_KEY", raising=False)
    settings = f'[providers.pixeldojo]\nbase_url = "{emulated.url}"\n'
    paid.write("assetbridge.toml", (paid.root / "assetbridge.toml").read_text() + settings)
    return paid


def test_models_are_listed_with_their_prices(dojo: Workspace) -> None:
    document = dojo.run("providers", "models", "pixeldojo", "--json").json
    rows = {row["id"]: row for row in document["models"]}
    assert rows["motion-video"] == {
        "provider": "pixeldojo",
        "id": "motion-video",
        "name": "Motion Video",
        "kinds": ["animation"],
        "price": {"unit": "credits", "amount": "0.7"},
        "per": "second",
    }
    assert set(document["as_of"]) == {"pixeldojo"}
    text = dojo.run("providers", "models", "pixeldojo").out
    assert "0.5 credits per image" in text


def test_everything_about_one_model(dojo: Workspace) -> None:
    (row,) = dojo.run("providers", "models", "pixeldojo", "edit-image", "--json").json["models"]
    assert row["takes"]["properties"]["strength"]["maximum"] == 1
    assert "strength" in dojo.run("providers", "models", "pixeldojo", "edit-image").out
    answer = dojo.run("providers", "models", "pixeldojo", "edit-images", expect=2)
    assert "edit-images" in answer.err


def test_models_of_all_providers(dojo: Workspace) -> None:
    models = dojo.run("providers", "models", "--json").json["models"]
    assert {row["provider"] for row in models} == {"pixellab", "pixelengine", "pixeldojo"}
    assert "no model" in dojo.run("providers", "models", "sprixen").out
    assert "not a paid provider" in dojo.run("providers", "models", "files", expect=2).err


def test_a_plan_after_it_knows_prices_and_rules(dojo: Workspace) -> None:
    spec = 'kind = "sprite"\nprovider = "pixeldojo"\nmodel = "{}"\ndescription = "rock"\nsize = [32, 32]\n'
    dojo.write("art/rock.asset.toml", spec.format("pixel-image"))
    assert dojo.run("plan", "--json").json["cost"][0]["amount"] is None
    dojo.run("providers", "models", "pixeldojo")
    assert dojo.run("plan", "--json").json["cost"][0]["amount"] == "0.5"
    dojo.write("art/rock.asset.toml", spec.format("motion-video"))
    assert "video" in dojo.run("plan", expect=2).err


def test_offline_the_kept_list_is_shown(dojo: Workspace) -> None:
    dojo.run("providers", "models", "pixeldojo")
    text = (dojo.root / "assetbridge.toml").read_text()
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{dead.getsockname()[1]}"
        before, _, rest = text.rpartition('base_url = "')
        dojo.write("assetbridge.toml", f'{before}base_url = "{address}"{rest.partition(chr(34))[2]}')
        assert len(dojo.run("providers", "models", "pixeldojo", "--json").json["models"]) == 3
        catalogue.default_file().unlink()
        assert "cannot be reached" in dojo.run("providers", "models", "pixeldojo", expect=3).err
        document = dojo.run("providers", "models", "--json", expect=3).json
        assert {row["provider"] for row in document["models"]} == {"pixellab", "pixelengine"}
        assert set(document["notes"]) == {"pixeldojo"}


def test_webhooks_are_off(paid: Paid) -> None:
    assert paid.run("jobs", "webhook", "--json").json == {
        "on": False,
        "listen": None,
        "public_url": None,
        "waiting": [],
    }
    assert "public_url" in paid.run("jobs", "webhook", "--test").out


def test_the_public_address_is_tried(paid: Paid) -> None:
    text = (paid.root / "assetbridge.toml").read_text()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    table = f'[webhooks]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{{}}/hooks"\n'
    paid.write("assetbridge.toml", text + table.format(port))
    document = paid.run("jobs", "webhook", "--test", "--json").json
    assert document["listen"] == f"127.0.0.1:{port}"
    assert document["test"]["reached"] is True
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        answer = paid.run("jobs", "webhook", "--test", expect=1)
        assert "cannot be listened on" in answer.out
    with Emulator(PixelDojo()) as another:
        elsewhere = another.url.partition("//127.0.0.1:")[2].partition("/")[0]
        paid.write("assetbridge.toml", text + table.format(elsewhere))
        assert "HTTP status" in paid.run("jobs", "webhook", "--test", expect=1).out
    assert "cannot be reached" in paid.run("jobs", "webhook", "--test", expect=1).out


def test_a_build_listens_while_it_waits(
    dojo: Workspace, monkeypatch: pytest.MonkeyPatch, emulated: Emulator[PixelDojo]
) -> None:
    """The order carries an address, the word that comes there is taken, and the port is free again afterwards."""
    monkeypatch.setenv("PIXELDOJO_API_KEY", KEY)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    table = f'[webhooks]\nlisten = "127.0.0.1:{port}"\npublic_url = "http://127.0.0.1:{port}/game"\n'
    dojo.write("assetbridge.toml", (dojo.root / "assetbridge.toml").read_text() + table)
    spec = 'kind = "sprite"\nprovider = "pixeldojo"\nmodel = "pixel-image"\ndescription = "rock"\nsize = [32, 32]\n'
    dojo.write("art/rock.asset.toml", spec)
    with Postman(lambda: emulated.personality.due(emulated.now)) as postman:
        (asset,) = dojo.run("build", "--yes", "--json").json["assets"]
    assert asset["state"] == "ready"
    (job,) = emulated.personality.jobs.values()
    address = str(job.body["webhook_url"])
    assert address.startswith(f"http://127.0.0.1:{port}/game/")
    assert {one.status for one in postman.delivered} <= {204, 0}
    assert post(address, b"{}") == 0
    secret = address.rpartition("/")[2]
    outputs = [dojo.run("jobs", "--all", "--json"), dojo.run("jobs", "webhook", "--json")]
    assert not any(secret in answer.out + answer.err for answer in outputs)
    assert secret not in (dojo.root / "assetbridge.lock").read_text()


@pytest.mark.parametrize("line", ['listen = "8765"', 'public_url = "http://example.com"', 'public_url = "example"'])
def test_what_webhooks_may_say(paid: Paid, line: str) -> None:
    paid.write("assetbridge.toml", (paid.root / "assetbridge.toml").read_text() + f"[webhooks]\n{line}\n")
    assert "must be" in paid.run("plan", expect=2).err

"""What a project asks for: which keys ask, what a digest is over, what is shown."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bridge.config.options import BUDGET, LATER_TABLES, LINT, PROJECT, PROVIDER, STORE, WEBHOOKS
from bridge.config.project_config import read_config
from bridge.config.trust_requests import list_requests, own_key_name
from bridge.providers import registry
from bridge.trust.request import compare_requests, digest_requests, escape_text

HEAD = '[project]\nid = "trust"\n'


def ask(root: Path, text: str = "") -> dict[str, str]:
    """What a project file with these lines asks for: values by key."""
    (root / "assetbridge.toml").write_text(HEAD + text, encoding="utf-8")
    return {request.key: request.value for request in read_config(root).trust.list_requests()}


def digest_of(root: Path, text: str) -> str:
    (root / "assetbridge.toml").write_text(HEAD + text, encoding="utf-8")
    return digest_requests(read_config(root).trust.list_requests())


def test_the_options_say_themselves_what_asks() -> None:
    asking = {
        heading: sorted(key for key, option in options.items() if option.asks)
        for heading, options in {"[project]": PROJECT, **LATER_TABLES}.items()
    }
    assert asking == {
        "[project]": [],
        "[providers.NAME]": ["api_key_env", "base_url", "upload_command"],
        "[budget.PROVIDER]": sorted(BUDGET),
        "[webhooks]": sorted(WEBHOOKS),
        "[store]": sorted(STORE),
        "[lint]": [],
    }
    assert "max_concurrent" in PROVIDER
    assert LINT


def test_a_harmless_project_asks_for_nothing(tmp_path: Path) -> None:
    assert ask(tmp_path, '[defaults]\nprovider = "pixellab"\n[targets.godot]\n[lint]\nstray = 3\n') == {}
    assert ask(tmp_path, "[providers.pixellab]\nmax_concurrent = 2\n") == {}
    assert ask(tmp_path, '[webhooks]\nlisten = "127.0.0.1:1"\n') == {}, "without a public URL they are off"


@pytest.mark.parametrize("provider", sorted(name for name in registry.KNOWN if not registry.get(name).offline))
def test_a_providers_own_key_asks_for_nothing_and_its_address_does(tmp_path: Path, provider: str) -> None:
    """Who knows addresses is above settings: one that is set asks, whatever it says; leave it out for the usual one."""
    own = registry.get(provider).api  # type: ignore[attr-defined]
    assert own.key_env == own_key_name(provider)
    assert ask(tmp_path, f'[providers.{provider}]\napi_key_env = "{own.key_env}"\n') == {}
    assert list(ask(tmp_path, f'[providers.{provider}]\nbase_url = "{own.base_url}"\n')) == [
        f"providers.{provider}.base_url"
    ]


def test_each_dangerous_key_asks(tmp_path: Path) -> None:
    text = (
        '[providers.pixellab]\nbase_url = "https://api.pixellab.ai.example.com/v2"\napi_key_env = "SPRIXEN_API_KEY"\n'
        'upload_command = "put {file}"\n[budget]\nsprixen = { unit = "credits" }\n'
        '[webhooks]\npublic_url = "https://hooks.example.com"\n'
    )
    asked = ask(tmp_path, text)
    assert sorted(asked) == [
        "budget.sprixen",
        "providers.pixellab.api_key_env",
        "providers.pixellab.base_url",
        "providers.pixellab.upload_command",
        "webhooks",
    ]
    says = {request.key: request.says for request in read_config(tmp_path).trust.list_requests()}
    assert says["budget.sprixen"] == "spends at sprixen without asking: credits without any limit"
    assert says["providers.pixellab.upload_command"] == "runs put {file}"


def test_a_loopback_address_asks_too(tmp_path: Path) -> None:
    assert ask(tmp_path, '[providers.pixellab]\nbase_url = "http://127.0.0.1:1/v2"\n') != {}


def test_the_digest_is_over_what_is_asked_and_nothing_else(tmp_path: Path) -> None:
    one = '[budget]\npixellab = { unit = "generations", per_day = 5 }\n[webhooks]\npublic_url = "https://a.example"\n'
    same = (
        '# a comment\n[webhooks]\npublic_url="https://a.example"\n\n[targets.json]\n'
        '[budget.pixellab]\nper_day = 5\nunit = "generations"\n'
    )
    assert digest_of(tmp_path, one) == digest_of(tmp_path, same)
    assert digest_of(tmp_path, one) != digest_of(tmp_path, one.replace("5", "50"))
    # Pinned: a digest that a new version counts otherwise would ask every user about every project again.
    assert digest_of(tmp_path, one) == "9263d98a1605a9be7d2b73eb8dd6d8df4c3864724fc431994b5ea5dd16b0f8ab"


def test_a_script_of_the_project_is_part_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "up.py"
    script.write_text("print(1)\n")
    text = "[providers.pixeldojo]\nupload_command = '''python3 tools/up.py {file}'''\n"
    first = digest_of(tmp_path, text)
    assert first == digest_of(tmp_path, text)
    script.write_text("print(2)\n")
    assert digest_of(tmp_path, text) != first
    absolute = text.replace("tools/up.py", script.as_posix())
    before = digest_of(tmp_path, absolute)
    script.write_text("print(3)\n")
    assert digest_of(tmp_path, absolute) != before


@pytest.mark.skipif(sys.platform == "win32", reason="there are no FIFOs on Windows")
def test_a_command_that_names_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    value = ask(tmp_path, "[providers.pixeldojo]\nupload_command = '''sh pipe folder gone \"'''\n")
    assert value == {"providers.pixeldojo.upload_command": '"sh pipe folder gone \\""'}, "it cannot be split"
    value = ask(tmp_path, "[providers.pixeldojo]\nupload_command = '''sh pipe folder gone'''\n")
    assert '"pipe":"unreadable"' in value["providers.pixeldojo.upload_command"]
    assert '"gone":"unreadable"' in value["providers.pixeldojo.upload_command"]


def test_wrong_types_ask_as_well(tmp_path: Path) -> None:
    """What is asked is found before the file is checked: a mistake elsewhere must not hide it."""
    tables = {"providers": {"pixellab": {"base_url": [1, {"a": 2}]}, "x": 3}, "budget": {"y": 4}, "webhooks": {}}
    keys = [request.key for request in list_requests(tmp_path, tables)]  # type: ignore[arg-type]
    assert keys == ["providers.pixellab.base_url"]


@pytest.mark.parametrize("text", ["\x1b[2J", "pay\u202epal", "раураl", "a\nb", "\x7f", "\x9b31m", "\u200b"])
def test_what_is_shown_is_escaped(tmp_path: Path, text: str) -> None:
    shown = escape_text(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert shown != text
    requests = list_requests(tmp_path, {"providers": {text: {"base_url": text}}, "budget": {text: {"unit": text}}})
    assert requests
    assert all(part.isascii() and part.isprintable() for one in requests for part in one.as_dict().values())


def test_a_difference_names_what_is_new_changed_and_gone(tmp_path: Path) -> None:
    text = '[budget]\npixellab = { unit = "generations" }\n[providers.sprixen]\nbase_url = "https://a.example"\n'
    before = ask(tmp_path, text)
    ask(tmp_path, '[budget]\npixellab = { unit = "usd" }\n[webhooks]\npublic_url = "https://a.example"\n')
    changes = compare_requests(before, read_config(tmp_path).trust.list_requests())
    assert [(change.what, change.request.key) for change in changes] == [
        ("changed", "budget.pixellab"),
        ("gone", "providers.sprixen.base_url"),
        ("new", "webhooks"),
    ]
    assert changes[0].before == '{"unit":"generations"}'
    assert compare_requests(before, ()) != ()
    assert compare_requests({}, ()) == ()


def test_a_store_of_a_team_is_asked_about(tmp_path: Path) -> None:
    assert ask(tmp_path, '[store]\nremote = "s3://team/game"\n') == {"store.remote": '"s3://team/game"'}
    assert digest_of(tmp_path, '[store]\nremote = "s3://team/game"\n') != digest_of(
        tmp_path, '[store]\nremote = "s3://team/other"\n'
    )

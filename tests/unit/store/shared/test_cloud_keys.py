"""Keys of a cloud are found where its own tools find them, and nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.core.errors import UserError
from bridge.core.redact import known_secrets
from bridge.store.shared.cloud_keys import azure_options, s3_options

CONFIG = """\
[default]
region = eu-west-1
[profile studio]
region = eu-central-1
endpoint_url = https://profile.example
services = own
[profile role]
role_arn = arn:aws:iam::1:role/art
source_profile = default
[services own]
s3 =
  endpoint_url = https://services.example/
"""
CREDENTIALS = """\
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = secret%of-default
[studio]
aws_access_key_id = AKIASTUDIO
aws_secret_access_key = secret-of-studio
aws_session_token = token-of-studio
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    return tmp_path


def test_the_default_profile() -> None:
    options = s3_options()
    assert dict(options.config) == {
        "region": "eu-west-1",
        "access_key_id": "AKIADEFAULT",
        "secret_access_key": "secret%of-default",
    }
    assert "secret" not in repr(options)
    assert "secret%of-default" in known_secrets()


def test_a_named_profile_with_its_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "studio")
    config = s3_options().config
    assert (config["region"], config["endpoint"]) == ("eu-central-1", "https://services.example")
    assert (config["access_key_id"], config["session_token"]) == ("AKIASTUDIO", "token-of-studio")


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "AKIAENV"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-env"),
        ("AWS_REGION", "us-west-2"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"),
    ):
        monkeypatch.setenv(name, value)
    options = s3_options()
    # obstore reads the keys of the environment by itself.
    assert dict(options.config) == {"region": "us-west-2", "endpoint": "http://127.0.0.1:9000"}
    assert options.allow_http
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example")
    assert s3_options().config["endpoint"] == "https://s3.example"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert "endpoint" not in s3_options().config


def test_files_in_other_places(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "keys").write_text("[default]\naws_access_key_id = AKIAELSE\naws_secret_access_key = secret-of-elsewhere\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "keys"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "nothing"))
    assert s3_options().config["access_key_id"] == "AKIAELSE"
    assert s3_options().config["region"] == "us-east-1"


@pytest.mark.parametrize("endpoint", ["http://nas.local:9000", "ftp://nas", "nas:9000"])
def test_keys_do_not_travel_in_the_open(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(UserError, match="in the open"):
        s3_options()


def test_a_network_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://nas.local:9000")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    assert s3_options().allow_http


def test_a_profile_that_asks_for_its_keys_needs_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "role")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UserError) as caught:
        s3_options()
    assert caught.value.code == "missing_extra"
    assert "boto3" in caught.value.hint


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UserError, match="no such profile"):
        s3_options()


@pytest.mark.parametrize("data", [b"\xff\xfe", b"no section = 1\n", b"[a\n"])
def test_a_file_that_cannot_be_read(home: Path, data: bytes) -> None:
    (home / ".aws" / "credentials").write_bytes(data)
    with pytest.raises(UserError) as caught:
        s3_options()
    assert caught.value.code == "remote_unusable"


def test_the_names_of_the_azure_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert azure_options() == {}
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "studio")
    monkeypatch.setenv("AZURE_STORAGE_KEY", "secret-of-azure")
    assert azure_options() == {"account_name": "studio", "account_key": "secret-of-azure"}
    assert "secret-of-azure" in known_secrets()

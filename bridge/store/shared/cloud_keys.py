"""Where the keys of a cloud are found: in the same places as by the cloud's own tools.

The environment is read by obstore itself. What it leaves out is read here: profiles of the AWS command line
(https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html), its endpoint overrides
(https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html), and the names that the Azure command line
gives its variables.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bridge.core import limits
from bridge.core.errors import UserError
from bridge.core.redact import remember_secret

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Profiles that get their keys by asking somebody: boto3 knows how.
_ASKING = ("role_arn", "sso_session", "sso_start_url", "credential_process", "source_profile", "login_session")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY")
_MORE_SECRETS = ("AZURE_STORAGE_SAS_TOKEN", "AZURE_CLIENT_SECRET", "GOOGLE_SERVICE_ACCOUNT_KEY")


@dataclass(frozen=True, slots=True)
class S3Options:
    """What a client of S3 is made with. config: as obstore names it; provider: what gives keys, else it finds them."""

    config: Mapping[str, str] = field(repr=False)
    allow_http: bool = False
    provider: Any = None


def remember_cloud_secrets() -> None:
    """Has the keys of the environment masked in everything that this process shows."""
    for name in (*_SECRETS, *_MORE_SECRETS):
        if os.environ.get(name):
            remember_secret(os.environ[name])


def s3_options() -> S3Options:
    """The options for S3 and what speaks like it.

    Raises:
        UserError: `remote_unusable`: a profile or an address cannot be used; `missing_extra`: a profile needs boto3.
    """
    remember_cloud_secrets()
    name = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    profile, services = _read_profile(name)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or profile.get("region")
    config = {"region": region or "us-east-1"}
    endpoint = _find_endpoint(profile, services)
    if endpoint:
        config["endpoint"] = endpoint
    provider = None
    if not os.environ.get("AWS_ACCESS_KEY_ID") and not os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        if profile.get("aws_access_key_id") and profile.get("aws_secret_access_key"):
            config["access_key_id"] = profile["aws_access_key_id"]
            config["secret_access_key"] = profile["aws_secret_access_key"]
            remember_secret(config["secret_access_key"])
            if profile.get("aws_session_token"):
                config["session_token"] = profile["aws_session_token"]
                remember_secret(config["session_token"])
        elif any(profile.get(key) for key in _ASKING):
            provider = _ask_boto3(name)
    return S3Options(config, _allows_http(endpoint), provider)


def _find_endpoint(profile: Mapping[str, str], services: Mapping[str, str]) -> str:
    env = os.environ
    if env.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    own = next((env[name] for name in names if env.get(name)), "")
    return (own or services.get("endpoint_url", "") or profile.get("endpoint_url", "")).rstrip("/")


def _allows_http(endpoint: str) -> bool:
    """Whether keys may travel in the open: to this machine, or where the user says so.

    Raises:
        UserError: `remote_unusable`.
    """
    parts = urlsplit(endpoint)
    if not endpoint or parts.scheme == "https":
        return False
    if parts.scheme == "http" and (
        parts.hostname in _LOOPBACK or os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1")
    ):
        return True
    raise UserError(
        "remote_unusable",
        "the endpoint for S3 is not https: keys would travel in the open",
        hint="Use https, or set AWS_ALLOW_HTTP=true for a server in a network of your own.",
    )


def _read_profile(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the files of the AWS command line say of a profile, and of S3 in its `services`.

    Raises:
        UserError: `remote_unusable`: a file cannot be read, or it has no such profile and one was named.
    """
    home = Path.home() / ".aws"
    config = _read_ini(Path(os.environ.get("AWS_CONFIG_FILE") or home / "config"))
    keys = _read_ini(Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials"))
    section = "default" if name == "default" and config.has_section("default") else f"profile {name}"
    values: dict[str, str] = dict(config[section]) if config.has_section(section) else {}
    if keys.has_section(name):
        values |= dict(keys[name])
    named = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    if named and not values and not os.environ.get("AWS_ACCESS_KEY_ID"):
        raise UserError(
            "remote_unusable",
            f"AWS_PROFILE names {named!r}, and there is no such profile",
            hint="`aws configure list-profiles` shows those that there are.",
        )
    section = f"services {values.get('services', '')}"
    nested = config[section].get("s3", "") if config.has_section(section) else ""
    lines = (line.partition("=") for line in nested.splitlines() if "=" in line)
    return values, {key.strip(): value.strip() for key, _, value in lines}


def _read_ini(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        with path.open("rb") as file:
            parser.read_string(file.read(limits.SPEC_BYTES).decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return configparser.ConfigParser(interpolation=None)
    except (OSError, UnicodeDecodeError, configparser.Error):
        raise UserError(
            "remote_unusable",
            f"{path.name} of the AWS command line cannot be read",
            hint="`aws configure` writes it; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY do without it.",
        ) from None
    return parser


def _ask_boto3(profile: str) -> Any:
    """What gets the keys of a profile that has none of its own.

    Raises:
        UserError: `missing_extra`, `remote_unusable`.
    """
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError as error:
        raise UserError(
            "missing_extra",
            f"the AWS profile {profile!r} asks for its keys (a role, a login or a program), which needs boto3",
            hint="pip install boto3; or name a profile that has keys with AWS_PROFILE.",
        ) from error
    try:
        return Boto3CredentialProvider(boto3.session.Session(profile_name=profile))
    except (BotoCoreError, ValueError, TypeError) as error:
        raise UserError(
            "remote_unusable",
            f"the AWS profile {profile!r} gives no keys ({type(error).__name__})",
            hint=f"`aws sts get-caller-identity --profile {profile}` shows what is wrong.",
        ) from None


def azure_options() -> dict[str, str]:
    """What the Azure command line names otherwise than obstore."""
    remember_cloud_secrets()
    names = {"AZURE_STORAGE_ACCOUNT": "account_name", "AZURE_STORAGE_KEY": "account_key"}
    return {option: os.environ[name] for name, option in names.items() if os.environ.get(name)}

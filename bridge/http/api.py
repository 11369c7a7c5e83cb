"""Where and how the server of a provider is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bridge.http.outcome import SUBMIT_STATUSES, Outcome


@dataclass(frozen=True, slots=True)
class Api:
    """Where and how a provider is reached.

    base_url: with the version prefix, without a trailing slash. key_header: header and prefix of the key
    (`("Authorization", "Bearer ")`). hosts: further hosts (or `.suffix`) that results may be downloaded from.
    statuses: what a status code of a paid POST means.
    """

    base_url: str
    key_env: str
    key_header: tuple[str, str] = ("Authorization", "Bearer ")
    hosts: tuple[str, ...] = ()
    statuses: Mapping[int, Outcome] = field(default_factory=lambda: dict(SUBMIT_STATUSES))
    account_url: str = ""


Method: TypeAlias = Literal["POST", "PATCH"]

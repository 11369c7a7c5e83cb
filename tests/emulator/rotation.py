"""An account whose API key is changed: the new key works from now on, the old one is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Generic, TypeVar

from tests.emulator.http import Response
from tests.emulator.personality import Call, Personality

P = TypeVar("P", bound=Personality)


class Rotating(Generic[P]):
    """A personality behind changing keys. key: the one that the service itself knows; `current`: what clients send."""

    def __init__(self, inner: P, key: str) -> None:
        self.inner = inner
        self.current = self._key = key

    @property
    def base_path(self) -> str:
        """That of the service."""
        return self.inner.base_path

    def rotate(self, key: str, account: str = "") -> None:
        """From now on only this key is accepted: of the same account, or of the one that the service knows by a key."""
        self.current, self._key = key, account or self._key

    def answer(self, call: Call) -> Response:
        """Hands the request on under the key that the service knows."""
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        if key:
            known = self._key if key == self.current else "revoked"
            headers = {**call.request.headers, "authorization": f"{scheme} {known}"}
            call.request = replace(call.request, headers=headers)
        return self.inner.answer(call)

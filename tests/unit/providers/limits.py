"""Rows of the tables of documented limits: what is just inside is planned, what is beyond is refused on its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from bridge.core.errors import UserError
from bridge.providers.api import Step

Compile = Callable[[str], Sequence[Step]]


@dataclass(frozen=True, slots=True)
class Limit:
    """One documented limit.

    rule: the limit in words. field: of the spec, that is blamed. says: words that the error has to contain: the bound,
    or what is taken. inside: specs that keep it, at its edges. beyond: specs that do not.
    """

    rule: str
    field: str
    says: str
    inside: Sequence[str]
    beyond: Sequence[str]

    def check(self, compiled: Compile) -> None:
        """Compiles all of them; nothing is ever sent by that."""
        for text in self.inside:
            assert compiled(text), self.rule
        for text in self.beyond:
            field, words = refused(compiled, text)
            assert field == self.field, (self.rule, text, words)
            assert self.says in words, (self.rule, text, words)


def refused(compiled: Compile, text: str) -> tuple[str, str]:
    """Field, message and hint of the error of a spec: by its schema, or by the provider."""
    with pytest.raises((UserError, ValidationError)) as caught:
        compiled(text)
    error: Exception = caught.value
    if isinstance(error, UserError):
        assert error.code in ("provider_limit", "spec_not_applicable", "spec_invalid"), error.code
        return error.field, f"{error.message} {error.hint}"
    assert isinstance(error, ValidationError)
    first, *others = error.errors()
    if others:
        # A value that may be of several shapes fails as each of them.
        return str(first["loc"][0]), " ".join(str(one["msg"]) for one in error.errors())
    # A rule about several fields begins with the one that it blames.
    words = str(first["msg"]).removeprefix("Value error, ")
    blamed, sign, _ = words.partition(": ")
    return ".".join(map(str, first["loc"])) or (blamed if sign else ""), words

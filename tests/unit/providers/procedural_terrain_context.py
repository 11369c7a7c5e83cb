"""A compile context for terrain: a fixed seed, other specs by reference, errors with the field they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.core.errors import UserError
from bridge.providers.api import Input, Step
from bridge.providers.procedural import ProceduralProvider
from bridge.providers.testing import SpecContext, compile_checked
from bridge.spec.model import Spec


class Context(SpecContext):
    """The `CompileContext` of tests. The second argument of a raised error is its field."""

    def __init__(self, start: int = 7, specs: Mapping[str, Any] | None = None) -> None:
        super().__init__("art/land")
        self.start, self.specs = start, specs or {}

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        return (own or self.start) + variant - 1 + (own_take or 1) - 1

    def spec_of(self, ref: str, field: str) -> Any:
        if ref not in self.specs:
            raise self.fail("source_missing", f"there is no {ref}", field)
        return self.specs[ref]

    def fail(self, code: str, message: str, field: str, hint: str = "") -> UserError:
        error = UserError(code, message, hint=hint)
        error.args = (message, field)
        return error

    def input(self, role: str, ref: str, field: str) -> Input:
        raise AssertionError(f"terrain needs no inputs, not even {role} {ref} of {field}")

    def files(self, pattern: str, field: str) -> list[str]:
        raise AssertionError(f"terrain needs no files, not even {pattern} of {field}")

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        raise AssertionError(f"terrain reads no files, not even {ref} of {field}")


def compiled(spec: Spec, context: SpecContext) -> list[Step]:
    """The steps of a drawn spec, as a plan gets them."""
    return compile_checked(ProceduralProvider(), spec, context)

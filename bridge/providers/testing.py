"""The contract suites: what every provider promises, as tests that its own test class inherits.

```
class TestMyProvider(PaidProviderContract):
    provider = MyProvider()
    specs = {"sprite": 'kind = "sprite" …', …}
```
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pytest

from bridge.core.errors import CODES, UserError
from bridge.http.outcome import Answer, TransportError
from bridge.providers.api import Input, Provider, Step, StepResult
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.paid import DamagedResultError, Delivered, LostOrder, PaidProvider, Remote, Running
from bridge.providers.result_check import find_damage
from bridge.providers.uses import refuse_unused, uses_of, walk_fields
from bridge.spec.model import KINDS, Spec

_IDS = ("job", "character", "tileset", "tile")
_ORIGINS = ("sprite", "map", "project", "pack", "edit", "before")
PICTURES = ("png", "gif", "webp")
# What a server, a proxy or a broken connection may answer instead of what was agreed.
NONSENSE = (
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b'{"detail": null}',
    b'{"detail": {}}',
    b'{"detail": "plain words"}',
    b'{"detail": [{"loc": ["body", "image_size", "width"], "msg": "too big", "type": "x"}]}',
    b'{"detail": [{}]}',
    b'{"detail": [null, 3]}',
    b'{"error": {"message": "words"}}',
    b'{"images": [], "image": null}',
    b'{"image": {"base64": "%%%"}}',
    b"<html><body>502 Bad Gateway</body></html>",
    b"\xff\xfe\x00",
)


class SpecContext:
    """A `CompileContext` over files in memory: pictures and assets by reference.

    makers: the steps that deliver stills of other assets, by reference.
    """

    def __init__(
        self,
        asset_id: str = "art/thing",
        files: Mapping[str, bytes] | None = None,
        *,
        makers: Mapping[str, Step] | None = None,
    ) -> None:
        self.asset_id = asset_id
        self._makers = makers or {}
        self._files = dict(files or {})

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        """See `CompileContext.seed`; the minted seed is 1000."""
        return (own or 1000) + (own_take or 1) - 1 + variant - 1

    def input(self, role: str, ref: str, field: str) -> Input:
        """See `CompileContext.input`; every reference exists."""
        del field
        return Input(role, ref, hashlib.sha256(self._files.get(ref, ref.encode())).hexdigest())

    def address(self, role: str, ref: str, field: str) -> Input:
        """See `CompileContext.address`."""
        return dataclasses.replace(self.input(role, ref, field), by_url=True, field=field)

    def maker(self, ref: str) -> Step | None:
        """See `CompileContext.maker`."""
        return self._makers.get(ref)

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        """See `CompileContext.read`."""
        if ref not in self._files:
            raise self.fail("source_missing", f"there is no file {ref}", field)
        return ref, self._files[ref]

    def files(self, pattern: str, field: str) -> Sequence[str]:
        """See `CompileContext.files`."""
        del field
        return sorted(path for path in self._files if PurePosixPath(path).match(pattern))

    def spec_of(self, ref: str, field: str) -> Spec:
        """See `CompileContext.spec_of`: there are no other specs."""
        raise self.fail("source_missing", f"there is no asset {ref}", field)

    def fail(self, code: str, message: str, field: str, hint: str = "") -> UserError:
        """See `CompileContext.fail`."""
        error = UserError(code, message, hint=hint)
        error.field = field
        return error


def spec_of(text: str) -> Spec:
    """A checked spec from its TOML."""
    data = tomllib.loads(text)
    spec: Any = KINDS[data["kind"]].model_validate(data)
    return spec  # type: ignore[no-any-return]


def compile_checked(provider: Provider, spec: Spec, context: SpecContext) -> list[Step]:
    """The steps of a spec, as a plan gets them: what nothing uses is refused first.

    Raises:
        UserError: `spec_not_applicable`, and whatever compiling raises.
    """
    refuse_unused(spec, provider, context)
    return list(provider.compile(spec, context))


class ProviderContract:
    """Tests of the promises that all providers make; set `provider`, and a spec of every kind in `specs`."""

    provider: Provider
    specs: Mapping[str, str]
    files: Mapping[str, bytes] = {}

    def compiled(self, text: str) -> list[Step]:
        """The steps of a spec."""
        return compile_checked(self.provider, spec_of(text), SpecContext(files=self.files))

    def cases(self) -> Iterator[tuple[str, list[Step]]]:
        """Every sample with its steps."""
        for text in self.specs.values():
            yield text, self.compiled(text)

    def test_there_is_a_sample_of_every_kind(self) -> None:
        """Else the tests below prove nothing of it."""
        assert {spec_of(text).kind for text in self.specs.values()} == set(self.provider.kinds)

    def test_equal_specs_give_equal_steps(self) -> None:
        """Compiling is pure."""
        for text, steps in self.cases():
            assert self.compiled(text) == steps

    def test_steps_are_well_formed(self) -> None:
        """Keys are unique, params are JSON, what a step needs comes before it, and a price has a unit."""
        for text, steps in self.cases():
            keys = [step.key for step in steps]
            assert len(set(keys)) == len(keys), text
            for number, step in enumerate(steps):
                assert json.loads(json.dumps(step.params)) == dict(step.params), step.key
                assert set(step.after) <= set(keys[:number]), step.key
                assert step.provider == self.provider.name
                assert step.price.unit or step.price.amount == 0, step.key

    def test_what_it_uses_are_fields_of_its_kinds(self) -> None:
        """A misspelt field in `uses` would refuse the right one."""
        uses = uses_of(self.provider)
        if uses is None:
            return
        assert set(uses) == set(self.provider.kinds)
        for kind, fields in uses.items():
            known = set(walk_fields(KINDS[kind]))
            assert fields <= known, (kind, fields - known)
            assert not {field.partition(".")[0] for field in fields} & KINDS[kind].not_applicable, kind

    def test_samples_use_what_they_say(self) -> None:
        """Every sample is a spec that a plan would take."""
        for text in self.specs.values():
            assert self.compiled(text), text

    def test_free_settings_buy_nothing(self) -> None:
        """Processing, export and timing never reach a fingerprint."""
        for text, steps in self.cases():
            free = '[process]\npalette = ["#000000"]\n[export]\npivot = "center"\n[export.godot]\nscene = true\n'
            assert self.fingerprints(self.compiled(f"{text}\n{free}")) == self.fingerprints(steps), text

    def fingerprints(self, steps: Sequence[Step]) -> dict[str, str | None]:
        """Fingerprints by step key."""
        by_step: dict[str, str] = {}
        for step in steps:
            fingerprint = step_fingerprint(step, by_step)
            assert fingerprint is not None
            by_step[step.key] = fingerprint
        return dict(by_step)


class _Line:
    """Free calls that all get the same answer."""

    def __init__(self, answer: Answer | TransportError) -> None:
        self._answer = answer

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """The answer."""
        del path, params
        if isinstance(self._answer, TransportError):
            raise self._answer
        return self._answer

    async def download(self, url: str, *, most: int = 0) -> Answer:
        """The answer."""
        del url, most
        return await self.get("")


class PaidProviderContract(ProviderContract):
    """Further promises of providers that sell."""

    provider: PaidProvider

    def test_prices_are_said(self) -> None:
        """Every step that is not free of charge has a price or says that it is unknown."""
        assert any(step.price.unit for _, steps in self.cases() for step in steps)

    @pytest.mark.parametrize("body", NONSENSE)
    def test_nonsense_is_not_accepted(self, body: bytes) -> None:
        """A 2xx answer without an id and without a result is nothing that could be lost."""
        for _, steps in self.cases():
            for step in steps:
                try:
                    acceptance = self.provider.accepted(step, Answer(200, {}, body))
                except DamagedResultError:
                    continue
                assert acceptance is None or isinstance(acceptance, Remote | Delivered)
                if body in (b"", b"null", b"{}", b"[]", b"\xff\xfe\x00") or body.startswith(b"<html"):
                    assert acceptance is None, step.key

    @pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422])
    @pytest.mark.parametrize("body", NONSENSE)
    def test_every_refusal_can_be_said(self, status: int, body: bytes) -> None:
        """Whatever stands in a refusing answer, people get a sentence with a known code."""
        for _, steps in self.cases():
            refusal = self.provider.refusal(steps[0], Answer(status, {}, body))
            assert refusal.code in CODES
            assert refusal.message
            assert "Traceback" not in refusal.message

    @pytest.mark.parametrize("body", NONSENSE)
    def test_a_strange_status_is_waited_out(self, body: bytes) -> None:
        """An answer about a job that says nothing known never ends it."""
        for _, steps in self.cases():
            for step in steps:
                ids = dict.fromkeys(_IDS, "1")
                status = asyncio.run(self.provider.check(_Line(Answer(200, {}, body)), step, ids))
                if isinstance(status, Running):
                    continue
                assert body not in (b"", b"null", b"{}", b"[]", b"\xff\xfe\x00"), (step.key, status)

    def test_orders_are_pure(self) -> None:
        """The bytes that are sent are those that were written down: equal steps give equal requests, of JSON."""
        for _, steps in self.cases():
            for step in steps:
                if step.after or self.provider.adopted_ids(step) is not None:
                    continue
                inputs = {item.role: self.files[item.ref] for item in step.inputs if item.ref in self.files}
                if len(inputs) < len(step.inputs):
                    continue
                first, second = (self.provider.order(step, inputs, {}) for _ in range(2))
                assert first == second, step.key
                assert first.path.startswith("/")
                assert json.loads(json.dumps(first.body)) == dict(first.body), step.key
                assert first.webhook not in first.body, "the runner fills it in"

    def test_only_what_can_be_cancelled_says_how(self) -> None:
        """`cancelling` is one free request; where there is none, the ability says so."""
        if not self.provider.abilities.can_cancel:
            with pytest.raises(NotImplementedError):
                self.provider.cancelling({"job": "1"})
            return
        order = self.provider.cancelling({"job": "1"})
        assert order.path.startswith("/")
        assert "1" in json.dumps(dict(order.body)) + order.path

    @pytest.mark.parametrize("body", NONSENSE)
    def test_nonsense_is_no_result(self, body: bytes) -> None:
        """A download, a list or a balance that is none is waited out, or said; nothing is made of it."""
        line = _Line(Answer(200, {}, body))
        ids = dict.fromkeys((*_IDS, *_ORIGINS), "1")
        for _, steps in self.cases():
            for step in steps:
                with contextlib.suppress(TransportError, DamagedResultError):
                    result = asyncio.run(self.provider.fetch(line, step, ids, {}))
                    # A step may be done by its ids alone (a promotion): then there is no file either.
                    if isinstance(result, StepResult) and result.files:
                        assert find_damage(self.provider, step, result), (step.key, result)
                if self.provider.abilities.can_search:
                    lost = LostOrder(step, {"prompt": "x"}, 0.0, 1.0, frozenset())
                    with contextlib.suppress(TransportError):
                        assert list(asyncio.run(self.provider.search(line, lost))) == [], step.key
        with contextlib.suppress(TransportError):
            asyncio.run(self.provider.balance(line))
        with contextlib.suppress(TransportError):
            asyncio.run(self.provider.assets(line))

    def test_passing_trouble_goes_through(self) -> None:
        """Adapters leave waiting and trying again to the runner."""
        trouble = TransportError("interrupted", "the connection broke")
        ids = dict.fromkeys(_IDS, "1")
        for _, steps in self.cases():
            try:
                asyncio.run(self.provider.check(_Line(trouble), steps[0], ids))
            except TransportError as error:
                same = error is trouble
            else:
                same = True
            assert same

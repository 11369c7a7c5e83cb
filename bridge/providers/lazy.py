"""A provider that sells, as a table of modules: each is loaded when it is first needed.

Plans of one kind then load that kind's module alone, and nothing of orders, answers and decoding. Importing the package
of a provider costs its facts and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from bridge.http.api import Api
from bridge.http.outcome import Answer
from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.paid import (
    Accepted,
    Balance,
    Capabilities,
    FreeCalls,
    Gone,
    LostOrder,
    Models,
    Order,
    OrderRefusal,
    RateLimits,
    Remote,
    RemoteAsset,
    Running,
    Status,
)
from bridge.providers.uses import Uses

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec


PICTURES = frozenset({"image"})


class LazyProvider:
    """A `bridge.providers.paid.PaidProvider` whose methods are functions of its package's modules.

    MODULES: method → the module that has the function of this name; what is not there is not offered: nothing is found
    again, nothing can be adopted, no balance is known. COMPILERS: kind → module and function. FAMILIES: kinds of files
    that an operation delivers, by its name or the first part of that; all others deliver pictures. IDS: what an order's
    ids are called, likewise by operation, the main one first; all others have a `job`.
    """

    name: str
    kinds: frozenset[str]
    uses: Uses
    offline: bool = False
    abilities: Capabilities
    limits: RateLimits
    api: Api
    MODULES: ClassVar[Mapping[str, str]]
    COMPILERS: ClassVar[Mapping[str, tuple[str, str]]]
    FAMILIES: ClassVar[Mapping[str, frozenset[str]]] = {}
    IDS: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """The steps of a spec, by the module of its kind.

        Raises:
            UserError: `provider_kind`, `spec_not_applicable`, `provider_limit`, and what a kind's own module says.
        """
        if spec.kind not in self.COMPILERS:
            hint = f"It makes {', '.join(sorted(self.kinds))}."
            raise context.fail("provider_kind", f"{self.name} makes no {spec.kind}", "kind", hint)
        module, function = self.COMPILERS[spec.kind]
        steps: Sequence[Step] = getattr(self.load(module), function)(spec, context)
        return steps

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """What a stored result means, by the module `decode`."""
        parts: Sequence[Part] = self._call("interpret", step, result)
        return parts

    def id_names(self, step: Step) -> tuple[str, ...]:
        """What the ids of an order are called, the main one first; none where it has no id."""
        names = self.IDS.get(step.operation)
        return self.IDS.get(step.operation.partition(".")[0], ("job",)) if names is None else names

    def families(self, step: Step) -> frozenset[str]:
        """First parts of the media types of a step's files."""
        kinds = self.FAMILIES.get(step.operation) or self.FAMILIES.get(step.operation.partition(".")[0])
        return kinds or PICTURES

    def require_decoder(self, step: Step) -> None:
        """Looks whether what a step delivers can be read here; nothing is needed for pictures.

        Raises:
            UserError: `missing_extra`.
        """

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        """The paid request of a step.

        Raises:
            UserError: an input does not fit (`provider_limit`); nothing was sent.
        """
        order: Order = self._call("order", step, inputs, needed)
        return order

    def adopted_ids(self, step: Step) -> Mapping[str, str] | None:
        """Ids of what the account has already; here of nothing."""
        del step
        return None

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        """What a 2xx answer holds; None when it has neither an id nor a result."""
        accepted: Accepted | None = self._call("accepted", step, answer)
        return accepted

    def refusal(self, step: Step, answer: Answer) -> OrderRefusal:
        """Why a rejecting answer rejects."""
        refusal: OrderRefusal = self._call("refusal", step, answer)
        return refusal

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        """How a job is doing."""
        status: Status = await self._call("check", calls, step, ids)
        return status

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        """The free request that stops a job.

        Raises:
            NotImplementedError: there is none.
        """
        if "cancelling" not in self.MODULES:
            raise NotImplementedError
        order: Order = self._call("cancelling", ids)
        return order

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        """The result of a finished job; `Running` where it is not there yet."""
        result: StepResult | Running | Gone = await self._call("fetch", calls, step, ids, facts)
        return result

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """Orders on the provider's side that may be the lost one."""
        orders: Sequence[Remote] = await self._call("search", calls, lost) if "search" in self.MODULES else []
        return orders

    async def balance(self, calls: FreeCalls) -> Balance:
        """What is left on the account; nothing where no route says it."""
        balance: Balance = await self._call("balance", calls) if "balance" in self.MODULES else Balance({})
        return balance

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        """What a spec can adopt; nothing where results are not kept."""
        assets: Sequence[RemoteAsset] = await self._call("assets", calls) if "assets" in self.MODULES else []
        return assets

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """The models that specs may name; none where there is nothing to choose."""
        del calls, about
        return Models([])

    def load(self, module: str) -> Any:
        """A module of the provider's package."""
        return import_module(f"{type(self).__module__}.{module}")

    def _call(self, method: str, *values: Any) -> Any:
        return getattr(self.load(self.MODULES[method]), method)(*values)

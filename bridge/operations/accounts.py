"""Who sells art: names, keys, balances and models of the paid providers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from bridge.core import credentials
from bridge.core.errors import ProviderError, UserError
from bridge.orders.access import open_public_access, provider_settings
from bridge.orders.balances import ask_balances, use_heard_balance
from bridge.orders.balances import list_models as list_provider_models
from bridge.orders.model import format_amount, format_money
from bridge.providers import registry
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.http.api import Api
    from bridge.project import Project
    from bridge.providers.paid import ModelInfo, Models, PaidProvider


def paid_providers() -> list[str]:
    """Names of the paid providers that this installation can use."""
    return [provider.name for provider in registry.usable() if not provider.offline]


def keyed_providers(config: Config) -> list[str]:
    """The paid providers whose key is on this machine."""
    return [
        name
        for name in paid_providers()
        if credentials.find_key(name, provider_settings(config, name)[1].key_env) is not None
    ]


def require_paid(name: str) -> str:
    """The name of a paid provider.

    Raises:
        UserError: `unknown_provider`, `provider_broken`.
    """
    if registry.get(name).offline:
        hint = f"Paid providers: {', '.join(paid_providers())}."
        raise UserError("unknown_provider", f"{name} is not a paid provider", hint=hint)
    return name


def api_of(name: str) -> Api:
    """How a paid provider is reached.

    Raises:
        UserError: `unknown_provider`, `provider_broken`.
    """
    return cast("PaidProvider", registry.get(require_paid(name))).api


def list_balances(project: Project, names: Sequence[str]) -> list[dict[str, Any]]:
    """What is left at each provider, as in `providers balance --json`; without names at those that have a key here.

    Raises:
        NeedsDecision: `not_trusted`.
        UserError: `unknown_provider`, `provider_broken`.
    """
    config = project.config
    config.trust.require(Gate.KEYS)
    chosen = [require_paid(name) for name in names] or keyed_providers(config)
    return [
        {
            "provider": name,
            "balance": {unit: format_amount(amount) for unit, amount in asked.balance.amounts.items()}
            if asked.balance
            else None,
            "plan": asked.balance.plan if asked.balance else "",
            "note": asked.note,
        }
        for name, said in ask_balances(config, chosen, journal=project.journal).items()
        for asked in [use_heard_balance(config, project.journal, name, said)]
    ]


def keep_key(api: Api, text: str) -> str:
    """Keeps a key that a person gave; returns where.

    Raises:
        UserError: `key_unreadable`.
    """
    value = text.strip()
    if not value or not value.isascii() or any(character.isspace() for character in value):
        raise UserError("key_unreadable", "that is no key", hint="Copy the whole key, without blanks.")
    return credentials.save_key(api.key_env, value)


@dataclass(frozen=True, slots=True)
class ModelLists:
    """What providers list, by provider, and notes of those that are out of reach.

    about: the models to say all of, and nothing of the others.
    """

    lists: Mapping[str, Models]
    notes: Mapping[str, str]
    about: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """The document of `providers models --json`."""
        return {
            "models": self.rows,
            "as_of": {name: listed.as_of for name, listed in self.lists.items() if listed.as_of},
            "notes": dict(self.notes),
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The models to show."""
        every = [(name, model) for name, listed in self.lists.items() for model in listed.rows]
        return [
            _model_row(name, model, full=model.id in self.about)
            for name, model in every
            if not self.about or model.id in self.about
        ]


def list_models(config: Config, name: str | None, about: Sequence[str]) -> ModelLists:
    """The models that specs may name; without a name, of every provider that can be reached. What a provider lists is
    kept, and later plans are checked against it.

    Raises:
        NeedsDecision: `not_trusted`.
        UserError: `usage`, where `about` names a model that the provider does not have.
        ProviderError: the named provider does not answer.
    """
    lists: dict[str, Models] = {}
    notes: dict[str, str] = {}
    for provider in [name] if name else paid_providers():
        try:
            lists[provider] = asyncio.run(list_provider_models(open_public_access(config, provider), about))
        except ProviderError as error:
            if name is not None:
                raise
            # One that is out of reach does not hide the others.
            notes[provider] = error.message
    unknown = [] if name is None else sorted(set(about) - {model.id for model in lists[name].rows})
    if unknown:
        raise UserError("usage", f"{name} has no model {unknown[0]}", hint=f"assetbridge providers models {name}")
    return ModelLists(lists, notes, about)


def _model_row(provider: str, model: ModelInfo, *, full: bool) -> dict[str, Any]:
    row = {
        "provider": provider,
        "id": model.id,
        "name": model.name,
        "kinds": list(model.kinds),
        "price": format_money(model.price.unit, model.price.amount) if model.price else None,
        "per": model.per,
    }
    return row | ({"takes": model.takes} if full else {})

"""Jobs as rows of the journal: which columns there are, and how a row is read."""

from __future__ import annotations

import json
import math
from typing import Any

from bridge.orders.model import Job, JobState
from bridge.orders.tables.database import read_amount
from bridge.providers.api import Price, Step
from bridge.providers.paid import Charge

COLUMNS = (
    "id, key, asset, step, fingerprint, provider, state, version, account, unit, estimate, approved_by, created, "
    "updated, sent, path, body, attempt, next_attempt, remote, facts, charge_unit, charge, result, error, "
    "balance_before, hook, method, origin"
)


def step_text(step: Step) -> str:
    """A step as it is kept with its job: what is needed to collect it, without its inputs."""
    return json.dumps(
        {
            "key": step.key,
            "provider": step.provider,
            "operation": step.operation,
            "params": step.params,
            "seed": step.seed,
            "after": list(step.after),
            "field": step.field,
        },
        sort_keys=True,
    )


def read_job(row: Any) -> Job:
    """The job of a row of `COLUMNS`.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: a column holds something that is never written there.
    """
    named = dict(zip(COLUMNS.split(", "), row, strict=True))
    price = Price(named["unit"], None if named["estimate"] is None else read_amount(named["estimate"]))
    _check_types(named)
    facts = json.loads(named["step"])
    charge = Charge(named["charge_unit"], read_amount(named["charge"])) if named["charge"] is not None else None
    return Job(
        id=named["id"],
        key=named["key"],
        asset=named["asset"],
        step=Step(
            facts["key"],
            facts["provider"],
            facts["operation"],
            facts["params"],
            facts["seed"],
            after=tuple(facts["after"]),
            price=price,
            field=facts["field"],
        ),
        fingerprint=named["fingerprint"],
        provider=named["provider"],
        state=JobState(named["state"]),
        version=named["version"],
        account=named["account"],
        estimate=price,
        approved_by=named["approved_by"],
        created=named["created"],
        updated=named["updated"],
        sent=named["sent"],
        path=named["path"],
        body=bytes(named["body"] or b""),
        attempt=named["attempt"],
        next_attempt=named["next_attempt"],
        remote=json.loads(named["remote"]),
        facts=json.loads(named["facts"]),
        charge=charge,
        result=named["result"],
        error=json.loads(named["error"]) if named["error"] else None,
        balance_before=json.loads(named["balance_before"]),
        hook=named["hook"],
        method=named["method"],
        origin=json.loads(named["origin"]),
    )


_TEXTS = ("key", "asset", "step", "fingerprint", "provider", "state", "account", "unit", "approved_by", "path")
_NUMBERS = ("created", "updated")
_OPTIONAL_NUMBERS = ("sent", "next_attempt")
_TABLES = ("remote", "facts", "balance_before", "origin")


def _check_types(named: dict[str, Any]) -> None:
    """SQLite keeps in a column whatever it is given: what is used as text, number or table has to be one."""
    for name in _TEXTS:
        if not isinstance(named[name], str):
            raise TypeError(f"{name} is no text")
    for name in (*_NUMBERS, *_OPTIONAL_NUMBERS):
        value = named[name]
        if value is None and name in _OPTIONAL_NUMBERS:
            continue
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise TypeError(f"{name} is no number")
    for name in _TABLES:
        if not isinstance(json.loads(named[name]), dict):
            raise TypeError(f"{name} is no table")

"""Jobs as rows of the journal: which columns there are, and how a row is read."""

from __future__ import annotations

import json
from typing import Any

from bridge.orders.model import Job, JobState
from bridge.orders.tables.database import Number, OptionalNumber, read_amount, require_types
from bridge.providers.api import Price, Step
from bridge.providers.paid import Charge, Ending, Kept

COLUMNS = (
    "id, key, asset, step, fingerprint, provider, state, version, account, unit, estimate, approved_by, created, "
    "updated, sent, path, body, attempt, next_attempt, remote, facts, charge_unit, charge, result, error, "
    "balance_before, hook, method, origin, ending, keeps"
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
        ending=Ending(named["ending"]) if named["ending"] else None,
        keeps={Ending(ending): Kept(kept) for ending, kept in json.loads(named["keeps"]).items()},
    )


_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("key", "asset", "step", "fingerprint", "provider", "state", "account", "unit"), str),
    **dict.fromkeys(("approved_by", "path", "remote", "facts", "balance_before", "origin", "hook", "method"), str),
    **dict.fromkeys(("ending", "keeps"), str),
    **dict.fromkeys(("id", "version", "attempt"), int),
    **dict.fromkeys(("created", "updated"), Number),
    **dict.fromkeys(("sent", "next_attempt"), OptionalNumber),
    **dict.fromkeys(("estimate", "charge_unit", "charge", "error"), (str, type(None))),
    "result": str,
    "body": (bytes, type(None)),
}


def _check_types(named: dict[str, Any]) -> None:
    """What is used as text, number or table has to be one."""
    require_types([named[name] for name in _KINDS], list(_KINDS.values()))
    tables = [
        "remote",
        "facts",
        "balance_before",
        "origin",
        "keeps",
        *(["error"] if named["error"] not in (None, "null") else []),
    ]
    for name in tables:
        if not isinstance(json.loads(named[name]), dict):
            raise TypeError(f"{name} is no table")

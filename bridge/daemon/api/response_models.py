"""What the endpoints give. A test holds every real answer against these models, with nothing beyond them allowed.

They describe and are not run: a list of ten thousand assets is not read a second time before it goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

DECIMAL = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
AMOUNT = DECIMAL | None
SHARE = Annotated[float, Field(ge=0, le=1)] | None
PATHS = dict[str, list[str]]
KEY = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
_STATE = Field(description="new, stale, queued, building, needs_approval, needs_pick, needs_trust, failed, …")


class _AnyFurtherField(BaseModel):
    """A later version may say more: OpenAPI's default for objects."""


# Of models that stand in one place of the OpenAPI document, not among its components.
NAMELESS = "Answer"


def answer(
    name: str = NAMELESS,
    base: type[BaseModel] = _AnyFurtherField,
    about: str | None = None,
    maybe: Mapping[str, Any] | None = None,
    /,
    **always: Any,
) -> Any:
    """A model of an object. `always` are fields that are there in every answer, `maybe` those of some."""
    fields: dict[str, Any] = {key: (kind, ...) for key, kind in always.items()}
    fields |= {key: (kind, None) for key, kind in (maybe or {}).items()}
    return create_model(name, __base__=base, __doc__=about, **fields)


def rows(kind: Any) -> Any:
    """A list of these."""
    return list[kind]


class _NothingElse(BaseModel):
    model_config = ConfigDict(extra="forbid")


WHERE = answer("Where", file=str, line=int | None, column=int | None, field=str | None)
PROBLEM = answer("Problem", code=str, message=str, hint=str, where=WHERE | None)
ERROR = answer("Error", _NothingElse, None, {"errors": rows(PROBLEM)}, error=PROBLEM)
OWED = answer("Owed", error=PROBLEM, since=float, attempts=int)
ASSET = answer(
    "Asset",
    key=KEY,
    id=str,
    kind=str,
    state=Annotated[str, _STATE],
    stale=bool,
    error=PROBLEM | None,
    progress=SHARE,
    outputs=Annotated[PATHS, Field(description="files of the last build that ended, by target")],
)
COST = answer("Cost", provider=str, unit=str, amount=AMOUNT)
PLANNED_STEP = answer(
    "PlannedStep",
    key=str,
    provider=str,
    operation=str,
    fingerprint=str | None,
    cached=bool,
    cost=COST | None,
    job=str | None,
    ended=Annotated[int | None, Field(description="the last order for it, where that ended badly")],
)
_ACTION = Literal["create", "update", "export", "rename", "none", "orphan", "blocked", "error"]
ASSET_PLAN = answer(
    "AssetPlan",
    id=str,
    kind=str,
    action=_ACTION,
    reasons=rows(str),
    steps=rows(PLANNED_STEP),
    targets=rows(str),
    drifted=rows(str),
    renamed_from=str | None,
    upstream=Annotated[list[str], Field(description="the assets that it is made of")],
    error=PROBLEM | None,
)
PROVIDER_COST = answer(
    "ProviderCost",
    COST,
    key=bool,
    balance=AMOUNT,
    balance_note=str,
    budget=dict[str, str] | None,
    verdict=str,
    used=Annotated[AMOUNT, Field(description="what counts against the day's budget so far")],
    budget_note=str,
)
MONEY = answer("Money", unit=str, amount=AMOUNT)
DECISION = answer(
    "Decision",
    job=int,
    asset=str,
    step=str,
    provider=str,
    state=str,
    price=MONEY | None,
    why=str,
    ways=Annotated[list[str], Field(description="the commands there are for it")],
)
PLAN = answer(
    "Plan",
    changes=int,
    digest=str,
    cost=rows(COST),
    priced=bool,
    providers=rows(PROVIDER_COST),
    decide=rows(DECISION),
    assets=rows(answer("KeyedAssetPlan", ASSET_PLAN, key=KEY)),
    errors=rows(PROBLEM),
    notes=rows(str),
)
DETAILS = answer("AssetDetails", ASSET, spec=str, plan=ASSET_PLAN | None, variants=int, pick=int | None)
VARIANT = answer("Variant", number=int, picked=bool, preview=str)
PREVIEW = answer(
    "Preview",
    of=str,
    kind=str,
    animation=str,
    animations=rows(str),
    frame=answer("Frame", width=int, height=int),
    frames=int,
    columns=int,
    durations=rows(int),
    loop=bool,
)
CHARGED = answer("Charged", COST, possible=Annotated[DECIMAL, Field(description="what may have been charged besides")])
RESULT = answer("Result", id=str, state=str, error=PROBLEM | None, outputs=PATHS, changed=rows(str), notes=rows(str))
_OUTCOME = {
    "assets": rows(RESULT),
    "spent": rows(CHARGED),
    "errors": rows(PROBLEM),
    "failures": rows(PROBLEM),
    "exit_codes": rows(int),
}
BUILD = answer(
    "Build", _AnyFurtherField, "All but `request` and `done` once it is done.", _OUTCOME, request=int, done=bool
)
QUEUED = answer("Queued", request=int, ids=list[str] | None, cursor=str)
JOB = answer(
    "Job",
    id=int,
    asset=str,
    step=str,
    provider=str,
    operation=str,
    state=str,
    provider_id=str | None,
    remote=dict[str, str],
    estimate=MONEY | None,
    charged=MONEY | None,
    attempt=int,
    ending=Annotated[str | None, Field(description="how it ended without a result")],
    error=dict[str, Any] | None,
)
EVENT = answer(
    "Event",
    _AnyFurtherField,
    "What else it says depends on its type: see the table of events in docs/reference/daemon.md.",
    {
        "at": float,
        "key": KEY | None,
        "id": str | None,
        "state": str | None,
        "progress": SHARE,
        "files": PATHS,
        "request": int,
        "step": str,
        "done": int,
        "total": int,
        "error": PROBLEM | None,
        "notes": rows(str),
        "result": RESULT,
        "job": int,
        "provider": str,
        "spent": rows(CHARGED),
        "paths": rows(str),
        "message": str | None,
    },
    seq=Annotated[str, Field(description="the cursor after this event")],
    type=str,
)
ASK = answer("TrustRequest", key=str, value=str, says=str)
TRUST = answer(
    "Trust",
    trusted=bool,
    state=Literal["trusted", "untrusted", "changed"],
    by=Literal["record", "variable"] | None,
    asks=rows(ASK),
    changes=rows(
        answer("TrustChange", ASK, what=Literal["new", "changed", "gone"], before=str | None),
    ),
)
FINDING = answer("Finding", level=Literal["ok", "note", "problem"], what=str, hint=str)
PROVIDER = answer(
    "Provider",
    name=str,
    kinds=rows(str),
    offline=bool,
    available=bool,
    error=PROBLEM | None,
    key=answer("ProviderKey", name=str, present=bool, source=str | None) | None,
    budget=dict[str, str] | None,
    balance=answer("Balance", amounts=dict[str, DECIMAL], note=str) | None,
)
_COLUMNS = {
    "unit": str,
    "charged": DECIMAL,
    "estimated": Annotated[DECIMAL, Field(description="of what was charged, by the published price")],
    "possible": Annotated[DECIMAL, Field(description="what may have been charged besides")],
    "refunded": DECIMAL,
    "unknown": Annotated[int, Field(description="orders that cost something that nobody knows")],
    "orders": int,
}
SPENT = answer("Spent", name=str, provider=str, **_COLUMNS)
SPENT_BY_UNIT = answer("SpentByUnit", provider=str | None, **_COLUMNS)

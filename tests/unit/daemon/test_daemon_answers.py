"""Every real answer is as its endpoint declares it: nothing is missing, and nothing is sent beyond it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from jsonschema import ValidationError  # type: ignore[import-untyped]

from bridge.core.errors import UserError
from bridge.daemon.api.request_models import ApproveBody, BuildBody, NewSpecBody, PickBody, RequestModel
from bridge.daemon.api.response_models import JOB
from bridge.daemon.api.routes import ENDPOINTS
from bridge.orders.model import Job, JobState
from bridge.providers.api import Price, Step
from tests.pipeline.daemon_client import Client
from tests.pipeline.declared_answers import check_declared, validator_of

# Orders that a person decides about need a provider that takes money: tests/paid has those.
DECISIONS = {"adopt_job", "abandon_job", "cancel_job", "refetch_job", "resubmit_job", "settle_job"}
# Any object: a schema of its own, or none.
ANY_OBJECT = {"schema", "openapi"}


def test_every_answer_says_what_is_declared_and_no_more(client: Client) -> None:
    asking = Client(client.root, client.runtime)
    rock = asking.asset("art/rock")
    queued = asking.post(f"{rock}/build", {"every": True, "force": True})
    asking.until_done(queued)
    asking.get(f"/v1/builds/{queued['request']}")
    everything = asking.post("/v1/build", {"all": True, "every": True})
    assert [event for event in asking.until_done(everything) if "result" in event]
    asking.until_done(asking.post("/v1/build", {"ids": ["art/rock"]}))
    plan = asking.get("/v1/plan?balance=1")
    asking.post("/v1/approve", {"digest": plan["digest"]})
    asking.post(f"{rock}/approve", {"digest": plan["digest"]})
    asking.post("/v1/specs", {"kind": "sprite", "id": "art/answers", "description": "a jar"})
    new = asking.asset("art/answers")
    asking.post(f"{new}/reroll", {"build": True})
    asking.post(f"{new}/pick", {"variant": 1})
    asking.post(f"{new}/cancel")
    for path in ("/v1/health", "/v1/assets", rock, f"{rock}/variants", f"{rock}/preview.json", "/v1/jobs?all=1"):
        asking.get(path)
    for path in ("/v1/providers", "/v1/spend?by=day", "/v1/trust", "/v1/doctor", "/v1/events?after=0&wait=0"):
        asking.get(path)
    without_model = {*DECISIONS, *ANY_OBJECT, "shutdown"}
    assert asking.held == {endpoint.operation for endpoint in ENDPOINTS} - without_model


def test_an_answer_that_says_more_or_less_than_declared_is_noticed() -> None:
    headers = {"content-type": "application/json"}
    right = {"id": "art/rock", "jobs": [1]}
    path = "/v1/assets/0123456789abcdef/cancel"
    assert check_declared("POST", path, 200, headers, json.dumps(right).encode()) == "cancel"
    for wrong in ({**right, "more": 1}, {"id": "art/rock"}, {**right, "jobs": ["1"]}):
        with pytest.raises(ValidationError):
            check_declared("POST", path, 200, headers, json.dumps(wrong).encode())


@pytest.mark.parametrize("price", [Price("generations", Decimal("1.50")), Price("generations", None), Price()])
def test_an_order_is_as_declared(price: Price) -> None:
    step = Step("base", "pixellab", "create", {}, price=price)
    job = Job(
        7,
        "key",
        "art/guard",
        step,
        "fingerprint",
        "pixellab",
        JobState.UNCERTAIN,
        1,
        "account",
        price,
        "plan",
        0.0,
        0.0,
    )
    document = job.as_dict()
    validator_of(JOB).validate(document)
    assert {"estimate", "charged"} <= document.keys()


@pytest.mark.parametrize(
    ("model", "fields", "message"),
    [
        (BuildBody, {}, "ids must be a list of texts"),
        (BuildBody, {"ids": []}, "ids must be a list of texts"),
        (BuildBody, {"ids": ["a", 1]}, "ids must be a list of texts"),
        (BuildBody, {"all": 1}, "all must be true or false"),
        (BuildBody, {"all": True, "ids": ["a"]}, "unknown: ids"),
        (BuildBody, {"all": True, "z": 1, "b": 2}, "unknown: b, z"),
        (BuildBody, {"all": True, "max_cost": 3}, 'max_cost must be a table like {"generations": "20"}'),
        (BuildBody, {"all": True, "max_cost": {"g": "-1"}}, 'max_cost must be a table like {"generations": "20"}'),
        (BuildBody, {"all": True, "max_cost": {"g": True}}, 'max_cost must be a table like {"generations": "20"}'),
        (ApproveBody, {}, "digest must be a text"),
        (ApproveBody, {"digest": ""}, "digest must be a text"),
        (ApproveBody, {"digest": "d", "ids": "x"}, "ids must be a list of texts"),
        (PickBody, {"variant": True}, "variant must be a whole number from 1 to 1000000"),
        (PickBody, {"variant": 1.0}, "variant must be a whole number from 1 to 1000000"),
        (PickBody, {"variant": 1, "part": ""}, "part must be a text"),
        (NewSpecBody, {"kind": "sprite"}, "id must be a text"),
        (RequestModel, {"a": None}, "unknown: a"),
    ],
)
def test_a_body_with_a_mistake_is_refused_in_one_sentence(
    model: type[RequestModel], fields: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError) as refused:
        model.read(fields)
    assert (refused.value.code, refused.value.message) == ("bad_request", message)


def test_null_leaves_an_optional_field_out() -> None:
    body = ApproveBody.read({"digest": "d", "ids": None, "max_cost": None})
    assert (body.ids, body.max_cost) == (None, {})
    assert BuildBody.read({"all": True, "max_cost": {"g": 2, "h": "0.5"}}).max_cost == {"g": 2, "h": Decimal("0.5")}

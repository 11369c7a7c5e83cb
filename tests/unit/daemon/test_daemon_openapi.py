"""Whatever the OpenAPI document allows or forbids, sent to a real daemon: no 500, every answer as described."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from bridge.daemon.api.openapi import describe_api
from bridge.daemon.api.routes import ENDPOINTS
from tests.pipeline.daemon_client import Client

load_all_checks()
HOLDING = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
]
EXAMPLES = [pytest.param(12, id="some"), pytest.param(150, id="many", marks=pytest.mark.full)]
OPERATIONS = sorted(endpoint.operation for endpoint in ENDPOINTS)
# It would end the daemon of all other tests; test_daemon_life.py has it.
OPERATIONS.remove("shutdown")
# They take nothing that could be wrong.
WITHOUT_CHOICE = ("health", "assets", "trust", "doctor", "openapi", "schema")


def _sent(client: Client, name: str, mode: GenerationMode, examples: int) -> int:
    described = describe_api(ENDPOINTS)
    # The token is sent with everything here; test_daemon_gate.py leaves it out.
    del described["security"], described["components"]["securitySchemes"]
    schema = schemathesis.openapi.from_dict(described)
    operation = schema.find_operation_by_id(name)
    known = client.asset("art/rock").rpartition("/")[2]
    headers = {"Authorization": f"Bearer {client.runtime.token}"}
    counted = 0

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal counted
        counted += 1
        if "key" in case.path_parameters and mode is GenerationMode.POSITIVE and counted % 4:
            case.path_parameters["key"] = known
        if name == "events":
            # A stream has no answer to look at as a whole, and a wait that is allowed would only be waited for.
            wait = str((case.query or {}).get("wait", "0"))
            case.query = {**(case.query or {}), "wait": "0" if wait.isdigit() and len(wait) < 4 else wait}
        answer = case.call(base_url=f"http://127.0.0.1:{client.runtime.port}", headers=headers)
        case.validate_response(answer, checks=CHECKS.get_by_names(HOLDING))

    send()
    return counted


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_allowed_is_answered_as_described(client: Client, name: str, examples: int) -> None:
    assert _sent(client, name, GenerationMode.POSITIVE, examples)


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in WITHOUT_CHOICE])
def test_what_is_forbidden_is_refused_as_described(client: Client, name: str, examples: int) -> None:
    assert _sent(client, name, GenerationMode.NEGATIVE, examples)

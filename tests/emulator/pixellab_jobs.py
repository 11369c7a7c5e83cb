"""GET /background-jobs/ID of the emulated PixelLab: what a job says of itself at a moment."""

from __future__ import annotations

from typing import Any

from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pixellab_world import QUEUED_SHARE, Account, Job, Refusal, World

STUCK_AT = 0.97
UNKNOWN_WORD = "quantizing"


def job(world: World, _call: Call, account: Account, job_id: str) -> Response:
    """GET /background-jobs/ID; jobs of others are as unknown as expired ones."""
    found = world.jobs.get(job_id)
    if found is None or found.owner is not account or (found.fate == "expired" and world.now >= found.ready):
        raise Refusal(404, "Background job not found")
    state, response = _state(world, found)
    charge = found.charge if state == "completed" else None
    document: dict[str, Any] = {
        "id": found.id,
        "status": _word(world, found, state),
        "created_at": world.stamp(found.created),
        "last_response": response,
        "usage": world.usage(charge),
    }
    if state == "failed" and world.variant.error_key == "top":
        document |= {"last_response": None, "error": _error(found)}
    return json_response(200, document)


def _state(world: World, job: Job) -> tuple[str, dict[str, Any] | None]:
    """State in our own words, and last_response."""
    passed = (world.now - job.created) / job.seconds if job.seconds else 1.0
    if world.now < job.ready:
        if passed < QUEUED_SHARE or (job.fate == "backwards" and passed > 1 - QUEUED_SHARE):
            return "queued", {"status": "queued", "queue_position": 1}
        return "processing", {"status": "processing", "progress": round(min(passed, STUCK_AT), 2)}
    if job.broken:
        key = "error" if world.variant.error_key == "top" else world.variant.error_key
        return "failed", {key: _error(job)}
    if job.fate == "lag" and world.now < job.ready + job.seconds:
        return "processing", job.result | {"type": "message_done"}
    return "completed", job.result | {"type": "message_done"}


def _error(job: Job) -> str:
    return job.error or "Generation failed: internal error 500"


def _word(world: World, job: Job, state: str) -> str:
    words = world.variant.words
    if job.fate == "unknown word" and state in ("queued", "processing"):
        return UNKNOWN_WORD
    known = {"queued": words.queued, "processing": words.running, "completed": words.completed, "failed": words.failed}
    return known[state]

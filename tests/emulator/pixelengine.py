"""The emulated Pixel Engine: routing, keys, jobs and links. The work is done in the `pixelengine_*` modules.

Source: the API reference of Pixel Engine; an account has one wallet and several keys, and a job is shown to the key
that ordered it only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.emulator import pixelengine_clips as clips
from tests.emulator import pixelengine_requests as requests
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pixelengine_world import EPOCH, KEEP_SECONDS, LINK_SECONDS, Job, Refusal, Wallet, World

KEY = "pe_sk_test"
OTHER_KEY = "pe_sk_other"
MOST_DAYS = 365
_ROUTES = {
    "/balance": "GET",
    "/billing": "GET",
    "/jobs": "GET",
    "/animate": "POST",
    "/keyframes": "POST",
    "/retake": "POST",
    "/pixelate": "POST",
    "/enhance-prompt": "POST",
    "/cancel": "POST",
}


class PixelEngine:
    """One account with several keys, on a clock of its own.

    monthly, purchased: credits at the start. job_seconds: how long a job takes on the emulator's clock.
    billing: False leaves the money out of jobs, as the service may. per_key: jobs at once per key, None for no limit.
    epoch: when its clock starts. keeps_failed: failure captures the hold, against what is published.
    """

    def __init__(
        self,
        *,
        keys: Iterable[str] = (KEY, OTHER_KEY),
        monthly: int = 1200,
        purchased: int = 500,
        job_seconds: float = 0.05,
        billing: bool = True,
        per_key: int | None = None,
        seed: int = 0,
        epoch: datetime = EPOCH,
        keeps_failed: bool = False,
    ) -> None:
        self.world = World(Wallet(monthly, purchased), job_seconds, seed, epoch=epoch, keeps_failed=keeps_failed)
        self._keys = frozenset(keys)
        self._billing = billing
        self._per_key = per_key

    @property
    def base_path(self) -> str:
        """Where the functions are."""
        return "/functions/v1"

    def answer(self, call: Call) -> Response:
        """Acts on one request."""
        self.world.now, self.world.origin = call.now, call.origin
        self.world.settle(call)
        try:
            answer = self._handle(call)
        except Refusal as refusal:
            error = {"code": refusal.code, "message": refusal.message}
            answer = json_response(refusal.status, {"error": error})
            if refusal.retry_after:
                answer = replace(answer, headers={"retry-after": refusal.retry_after})
        return replace(answer, headers={"date": self.world.date, **answer.headers})

    def _handle(self, call: Call) -> Response:
        if call.request.path.startswith("/storage/"):
            return self._stored(call)
        method, _, path = call.route.partition(" ")
        if path not in _ROUTES:
            # The gateway's words, not the service's.
            return json_response(404, {"code": "NOT_FOUND", "message": "Requested function was not found"})
        key = self._key(call)
        if method != _ROUTES[path]:
            raise Refusal(405, "method_not_allowed", f"Use {_ROUTES[path]}")
        if path == "/balance":
            return json_response(200, self._balance())
        if path == "/billing":
            return self._statement(call.request.query)
        if path == "/jobs":
            return json_response(200, self._record(self._job(key, call.request.query.get("id", ""))))
        body = self._body(call)
        if path == "/cancel":
            return self._cancel(call, key, body)
        if path == "/enhance-prompt":
            return json_response(200, {"enhanced_prompt": requests.enhanced(body)})
        if path == "/pixelate":
            return self._pixelated(call, key, body)
        return self._ordered(call, key, path.removeprefix("/"), body)

    def _key(self, call: Call) -> str:
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key.strip() not in self._keys:
            raise Refusal(401, "unauthorized", "Invalid or inactive API key")
        call.key_ok = True
        return key.strip()

    def _body(self, call: Call) -> Any:
        try:
            return json.loads(call.request.body)
        except ValueError:
            raise Refusal(400, "invalid_request", "Invalid JSON body") from None

    def _balance(self) -> dict[str, int]:
        wallet = self.world.wallet
        return {
            "monthly_balance": wallet.monthly,
            "purchased_balance": wallet.purchased,
            "total_balance": wallet.monthly + wallet.purchased,
            "reserved": wallet.reserved,
            "available": wallet.available,
        }

    def _statement(self, query: Mapping[str, str]) -> Response:
        """GET /billing: days are inclusive, thirty of them before the end where no start is named, 365 at most."""
        today = self.world.stamp(self.world.now)[:10]
        try:
            last = date.fromisoformat(query.get("end_date", today))
            first = date.fromisoformat(query.get("start_date", (last - timedelta(days=30)).isoformat()))
        except ValueError:
            raise Refusal(400, "invalid_request", "Dates must be in YYYY-MM-DD format") from None
        if first > last or (last - first).days >= MOST_DAYS:
            raise Refusal(400, "invalid_request", "The period is no period, or exceeds 365 days")
        days = {job.id: self.world.stamp(job.created)[:10] for job in self.world.jobs.values()}
        charged = [
            job.credits
            for job in self.world.jobs.values()
            if job.hold == "captured" and job.credits and str(first) <= days[job.id] <= str(last)
        ]
        totals = {
            "credits_used": sum(charged),
            "credits_added": 0,
            "refunds": 0,
            "net_change": -sum(charged),
            "jobs_charged": len(charged),
        }
        period = {"start_date": f"{first}T00:00:00.000Z", "end_date": f"{last}T23:59:59.999Z"}
        return json_response(200, {"period": period, "totals": totals, "balance": self._balance()})

    def _ordered(self, call: Call, key: str, kind: str, body: Any) -> Response:
        mode = requests.checked(kind, body)
        matte = body.get("matte_color", "#808080")
        trouble = ""
        if kind == "animate":
            picture, count = requests.animation(body, mode)
            frames = clips.animated(clips.flattened(picture, matte), body, count, matte)
        elif kind == "keyframes":
            pictures, total = requests.keyframes(body, mode)
            shown = {index: clips.flattened(picture, matte) for index, picture in pictures.items()}
            frames = clips.between(shown, body, total, matte)
        else:
            old, start, end = requests.retake(body)
            trouble = "" if end < len(old) else "retake_region exceeds the source animation"
            frames = clips.retaken([clips.flattened(picture, matte) for picture in old], body, start, end, matte)
        if mode == "pixel":
            frames = [clips.in_colours(pixels, body.get("pixel_config", {})) for pixels in frames]
        running = sum(job.key == key and self.world.now < job.ready for job in self.world.jobs.values())
        if self._per_key is not None and running >= self._per_key:
            raise Refusal(429, "rate_limited", "Too many jobs at once", "1")
        inputs = {name: value for name, value in body.items() if name not in ("image", "frames")}
        form = body.get("output_format", "webp")
        job = self.world.start(call, key, kind, inputs, lambda: clips.written(frames, form))
        job.trouble = trouble
        return json_response(200, {"api_job_id": job.id, "status": "queued", "error": None})

    def _pixelated(self, call: Call, key: str, body: Any) -> Response:
        """A free job: nothing is held for it."""
        picture, config = requests.cleaning(body)
        cleaned = clips.in_colours(clips.reduced(picture), config)
        inputs = {name: value for name, value in body.items() if name != "image"}
        job = self.world.start(call, key, "pixelate", inputs, lambda: clips.still(cleaned))
        return json_response(200, {"api_job_id": job.id, "status": "queued", "error": None})

    def _job(self, key: str, job_id: str) -> Job:
        if not job_id:
            raise Refusal(400, "invalid_request", "id is required")
        job = self.world.jobs.get(job_id)
        if job is None or job.key != key:
            raise Refusal(404, "job_not_found", "Job not found")
        ended = job.fate == "expired" and self.world.now >= job.ready
        if ended or self.world.now >= job.created + KEEP_SECONDS:
            raise Refusal(410, "job_expired", "Job output has been deleted")
        return job

    def _record(self, job: Job) -> Mapping[str, Any]:
        word = job.word(self.world.now)
        error = {"failure": {"code": "generation_failed", "message": job.trouble or "Generation failed"}}
        error["cancelled"] = {"code": "job_cancelled", "message": "Job was cancelled"}
        done = word == "success"
        ended = word in ("success", "failure", "cancelled")
        captured = job.hold == "captured"
        billing = {
            "credits_held": job.credits,
            "credits_charged": job.credits if captured else 0,
            "hold_status": job.hold,
        }
        passed = (self.world.now - job.created) / job.seconds if job.seconds else 1.0
        return {
            "api_job_id": job.id,
            "status": word,
            "progress": 1.0 if done else 0.0 if word == "queued" else round(min(passed, 0.99), 2),
            "created_at": self.world.stamp(job.created),
            "finished_at": self.world.stamp(min(job.ready, self.world.now)) if ended else None,
            "cancelled_at": None if job.cancelled is None else self.world.stamp(job.cancelled),
            "billing": billing if self._billing and job.credits else None,
            "inputs": job.inputs,
            "output": self._output(job) if done else None,
            "error": error.get(word),
        }

    def _output(self, job: Job) -> Mapping[str, Any]:
        _, content_type, metadata = job.draw()
        return {
            "url": self.world.link(job),
            "content_type": content_type,
            "metadata": metadata,
            "expires_at": self.world.stamp(job.created + KEEP_SECONDS),
        }

    def _cancel(self, call: Call, key: str, body: Any) -> Response:
        job_id = body.get("api_job_id") if isinstance(body, dict) else None
        if not isinstance(job_id, str) or not job_id:
            raise Refusal(400, "invalid_request", "api_job_id is required")
        job = self.world.jobs.get(job_id)
        if job is None or job.key != key:
            raise Refusal(404, "job_not_found", "Job not found")
        word = job.word(self.world.now)
        if word in ("success", "failure", "cancelled"):
            raise Refusal(409, "invalid_request", f"Job is already {word}")
        job.cancelled = self.world.now
        self.world.release(call, job, "released")
        return json_response(200, {"api_job_id": job.id, "status": "cancelled"})

    def _stored(self, call: Call) -> Response:
        """A file behind a signed link: no key, and the storage's own words when the link has ended."""
        job_id, issued = self.world.links.get(call.request.query.get("token", ""), ("", 0.0))
        job = self.world.jobs.get(job_id)
        if job is None or not call.request.path.endswith(job_id) or self.world.now >= issued + LINK_SECONDS:
            message = {"statusCode": "400", "error": "InvalidJWT", "message": '"exp" claim timestamp check failed'}
            return json_response(400, message)
        if self.world.now >= job.created + KEEP_SECONDS:
            return json_response(400, {"statusCode": "404", "error": "not_found", "message": "Object not found"})
        data, content_type, _ = job.draw()
        return Response(200, data, content_type)

"""The emulated PixelDojo: a public catalogue, jobs that are charged when they are submitted, files for 24 hours.

Source: the API documentation; where it contradicts itself, `Output` and `Shapes` choose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import formatdate
from time import time
from typing import Any, Literal

from tests.emulator import pixeldojo_media as media
from tests.emulator.http import Response, json_response
from tests.emulator.ledger import Charge
from tests.emulator.personality import Call, Refund
from tests.emulator.pictures import digit
from tests.emulator.pixeldojo_models import MODELS, EmulatedModel
from tests.emulator.postman import Hook

KEY = "pd_test"
OTHER_KEY = "pd_other"
MINUTE = 60.0
KEEP_SECONDS = 24 * 3600.0
Output = Literal["assets", "images", "both", "singular"]


@dataclass(frozen=True, slots=True)
class Shapes:
    """What the documents leave open.

    credit_body: `error.status` of a 402. listing: key of the list of jobs, "" for a bare array.
    says_input: whether jobs repeat what they were asked: in the list, in the job only, or nowhere.
    """

    output: Output = "images"
    objects: bool = False
    credit_status: int = 402
    credit_body: int = 403
    listing: str = "jobs"
    says_input: Literal["list", "job", "nowhere"] = "list"
    submitted: int = 200


@dataclass(slots=True)
class Job:
    """One job; `created` and `ready` in seconds of the emulator's clock."""

    id: str
    key: str
    model: EmulatedModel
    body: Mapping[str, Any]
    cost: float
    created: float
    ready: float
    fate: str
    route: str
    body_hash: str
    files: list[str] = field(default_factory=list)
    refunded: bool = False


class Refused(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str, message: str, shown: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": code, "message": message, "status": status if shown is None else shown}}


class PixelDojo:
    """Accounts by key on one clock. credits: what every key starts with. per_minute: None for no limit.

    picture: a request in words → the file of a picture. refunds: failed jobs give their credits back; no document says
    whether they do, and the record of a job says the same either way.
    """

    def __init__(
        self,
        shapes: Shapes | None = None,
        *,
        keys: Iterable[str] = (KEY, OTHER_KEY),
        credits: float = 100.0,  # noqa: A002 - the word of the service
        job_seconds: float = 0.05,
        per_minute: int | None = 60,
        seed: int = 0,
        picture: Callable[[str], bytes] = media.picture,
        refunds: bool = False,
    ) -> None:
        self.shapes = shapes or Shapes()
        self.left = dict.fromkeys(keys, credits)
        self.jobs: dict[str, Job] = {}
        self.hooks: list[tuple[str, str]] = []
        self._job_seconds = job_seconds
        self._per_minute = per_minute
        self._seen: dict[str, list[float]] = {key: [] for key in self.left}
        self._files: dict[str, tuple[Job, bytes, str]] = {}
        self._seed = seed
        self._picture = picture
        self._refunds = refunds
        self._began = time()
        self._now = 0.0
        self._origin = ""

    @property
    def base_path(self) -> str:
        """Version 1."""
        return "/api/v1"

    def answer(self, call: Call) -> Response:
        """Acts on one request."""
        self._now, self._origin = call.now, call.origin
        self._settle(call)
        try:
            response = self._handled(call)
        except Refused as refused:
            response = json_response(refused.status, refused.body)
        limit = self._rate_headers(call) if call.key_ok else {}
        date = formatdate(self._began + self._now, usegmt=True)
        return replace(response, headers={"date": date, **limit, **response.headers})

    def _settle(self, call: Call) -> None:
        """Gives back what failed jobs cost, where it does."""
        for job in self.jobs.values() if self._refunds else ():
            if not job.refunded and self._word(job) == "failed":
                job.refunded = True
                self.left[job.key] = round(self.left[job.key] + job.cost, 6)
                call.refunds.append(Refund(job.route, job.body_hash, Charge("credits", -job.cost, job.id)))

    def _handled(self, call: Call) -> Response:
        if call.request.path.startswith("/pixeldojotemp/"):
            return self._file(call.request.path)
        method, _, path = call.route.partition(" ")
        parts = path.strip("/").split("/")
        if method == "GET" and parts[0] == "models":
            return self._catalogue(call, parts[1:])
        key = self._key(call)
        if method == "POST" and parts[0] == "models" and len(parts) == 3 and parts[2] == "run":
            return self._run(call, key, parts[1])
        if parts[0] != "jobs" or len(parts) > 3:
            raise Refused(404, "not_found", "Route not found")
        if len(parts) == 1:
            return self._list(call, key)
        job = self._job(key, parts[1])
        if len(parts) == 3 and parts[2] == "webhook":
            return self._hook(method, job)
        return json_response(200, self._record(job))

    def _key(self, call: Call) -> str:
        scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key not in self.left:
            raise Refused(401, "unauthorized", "Missing or invalid API key")
        call.key_ok = True
        recent = [at for at in self._seen[key] if self._now - at < MINUTE]
        self._seen[key] = [*recent, self._now]
        if self._per_minute is not None and len(recent) >= self._per_minute:
            self._seen[key] = recent
            raise Refused(429, "rate_limit_exceeded", "Rate limit exceeded")
        return key

    def _rate_headers(self, call: Call) -> dict[str, str]:
        if self._per_minute is None:
            return {}
        seen = self._seen[call.request.headers["authorization"].partition(" ")[2]]
        reset = self._began + (seen[0] if seen else self._now) + MINUTE
        return {
            "x-ratelimit-limit": str(self._per_minute),
            "x-ratelimit-remaining": str(self._per_minute - len(seen)),
            "x-ratelimit-reset": str(int(reset) + 1),
        }

    def _catalogue(self, call: Call, rest: list[str]) -> Response:
        if not rest:
            detailed = call.request.query.get("detailed") == "true"
            wanted = call.request.query.get("modality")
            found = [model for model in MODELS.values() if wanted in (None, model.modality)]
            videos = sum(model.modality == "video" for model in found)
            counts = {"total": len(found), "imageCount": len(found) - videos, "videoCount": videos}
            return json_response(200, {"models": [model.listed(detailed=detailed) for model in found], **counts})
        model = MODELS.get(rest[0])
        if model is None or rest[1:] not in ([], ["schema"]):
            raise Refused(404, "not_found", "Model not found")
        return json_response(200, {"schema": model.schema} if rest[1:] else model.listed(detailed=True))

    def _run(self, call: Call, key: str, name: str) -> Response:
        model = MODELS.get(name)
        if model is None:
            raise Refused(404, "not_found", "Model not found")
        try:
            body = json.loads(call.request.body)
        except ValueError:
            raise Refused(400, "invalid_json", "Invalid JSON in request body") from None
        mistake = model.mistake(body)
        if mistake:
            raise Refused(400, "validation_error", mistake)
        cost = model.price(body)
        if self.left[key] < cost:
            message = "Your account has insufficient credits"
            raise Refused(self.shapes.credit_status, "insufficient_credits", message, self.shapes.credit_body)
        self.left[key] = round(self.left[key] - cost, 6)
        fate = call.fate.partition("@")[0]
        job_id = f"job_{digit(self._seed, 'job', len(self.jobs)):08x}"
        ready = self._now + self._job_seconds
        job = Job(job_id, key, model, body, cost, self._now, ready, fate, call.route, call.body_hash)
        self.jobs[job_id] = job
        call.charge = Charge("credits", cost, job_id)
        self._draw(job)
        return json_response(
            self.shapes.submitted,
            {
                "jobId": job_id,
                "status": "pending",
                "statusUrl": f"{self._origin}{self.base_path}/jobs/{job_id}",
                "creditCost": cost,
                "creditsRemaining": self.left[key],
                "expiresAt": self._stamp(job.created + KEEP_SECONDS),
            },
        )

    def _draw(self, job: Job) -> None:
        video = job.model.modality == "video"
        for place in range(1 if video else job.body.get("num_outputs", 1)):
            look = json.dumps([job.body, place], sort_keys=True)
            data = media.video(look) if video else self._picture(look)
            # The ending says nothing of the content here, as at the service.
            path = f"/pixeldojotemp/{digit(job.id, place):08x}-{place}.jpg"
            self._files[path] = (job, data, "video/mp4" if video else "image/png")
            job.files.append(path)

    def _job(self, key: str, job_id: str) -> Job:
        job = self.jobs.get(job_id)
        if job is None or job.key != key:
            raise Refused(404, "not_found", "Job not found")
        if self._now >= job.created + KEEP_SECONDS or (job.fate == "expired" and self._now >= job.ready):
            raise Refused(410, "expired", "Job has expired")
        return job

    def _record(self, job: Job) -> dict[str, Any]:
        document = self._row(job) | ({"input": job.body} if self.shapes.says_input == "job" else {})
        if document["status"] == "failed":
            document["error"] = {"code": "generation_failed", "message": "The model refused the prompt"}
        if document["status"] == "completed":
            document |= self._output(job)
        return document

    def _row(self, job: Job) -> dict[str, Any]:
        row: dict[str, Any] = {
            "jobId": job.id,
            "status": self._word(job),
            "creditCost": job.cost,
            "createdAt": self._stamp(job.created),
            "expiresAt": self._stamp(job.created + KEEP_SECONDS),
        }
        return row | ({"apiId": job.model.id, "input": job.body} if self.shapes.says_input == "list" else {})

    def _word(self, job: Job) -> str:
        if self._now < job.ready or job.fate == "stuck":
            return "quantizing" if job.fate == "unknown word" else "processing"
        return "failed" if job.fate == "failed" else "completed"

    def _output(self, job: Job) -> dict[str, Any]:
        urls: list[Any] = [self._origin + path for path in job.files]
        items = [{"url": url} for url in urls] if self.shapes.objects else urls
        kind = job.model.modality
        assets = {"assets": [{"url": url, "type": kind} for url in urls]}
        match self.shapes.output:
            case "assets":
                return assets
            case "images":
                return {"output": {f"{kind}s": items}}
            case "both":
                return {**assets, "output": {f"{kind}s": items}}
            case "singular":
                return {"output": {kind: items[0]}}

    def _list(self, call: Call, key: str) -> Response:
        own = [self._row(job) for job in self.jobs.values() if job.key == key][::-1]
        rows = own[: int(call.request.query.get("limit", "10"))]
        return json_response(200, {self.shapes.listing: rows} if self.shapes.listing else rows)

    def _hook(self, method: str, job: Job) -> Response:
        url = job.body.get("webhook_url")
        if method == "POST":
            if url is None or self._word(job) not in ("completed", "failed"):
                raise Refused(409, "validation_error", "Only terminal jobs with a webhook can be replayed")
            self.hooks.append((job.id, url))
        attempts = sum(hook[0] == job.id for hook in self.hooks)
        return json_response(200, {"jobId": job.id, "webhookUrl": url, "attempts": attempts})

    def due(self, now: float) -> list[Hook]:
        """The webhooks of all jobs that have ended, by the emulator's clock; nothing in them is signed."""
        ended = [job for job in list(self.jobs.values()) if now >= job.ready and job.fate != "stuck"]
        return [
            Hook(job.id, str(job.body["webhook_url"]), json.dumps({"jobId": job.id, "status": "completed"}).encode())
            for job in ended
            if "webhook_url" in job.body
        ]

    def _file(self, path: str) -> Response:
        found = self._files.get(path)
        if found is None or self._now >= found[0].created + KEEP_SECONDS:
            return Response(404, b"<html>Not Found</html>", "text/html")
        return Response(200, found[1], found[2])

    def _stamp(self, moment: float) -> str:
        return datetime.fromtimestamp(self._began + moment, UTC).isoformat().replace("+00:00", "Z")

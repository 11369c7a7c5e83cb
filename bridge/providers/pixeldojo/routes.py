"""The one paid route, what its fields are called in specs, and the three operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAME = "pixeldojo"
UNIT = "credits"
ACCOUNT_URL = "https://pixeldojo.ai/api-platform"
OPERATIONS: Mapping[str, str] = {"sprite": "image.create", "edit": "image.edit", "animation": "video.create"}


def run_path(model: str) -> str:
    """POST: submits a job (API documentation, "Generation Jobs API")."""
    return f"/models/{model}/run"


def job_path(job: str) -> str:
    """GET: the state and the output of a job."""
    return f"/jobs/{job}"


def spec_field(name: str, operation: str, request: Mapping[str, Any], *, by_url: bool = False) -> str:
    """The field of the spec behind a field of the body; empty for what the body does not have.

    by_url: the picture's address stands as `source_url` and not among the options. An aspect ratio is taken for that
    of `size`: the request does not tell it from one of the options.
    """
    if name == "prompt" and operation == "video.create":
        return "action"
    if name == "image_url" and by_url:
        return "source_url"
    known = {"prompt": "description", "seed": "seed", "aspect_ratio": "size"}
    return known.get(name) or (f"provider_options.{name}" if name in request else "")

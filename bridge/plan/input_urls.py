"""Pictures for providers that take addresses, or their own ids, only: where they could come from.

Asked of steps that have to be bought. What is at hand needs no address, so a plan does not turn into an error when the
link that something was bought with has ended.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from bridge.core.errors import UserError, WorkFailed
from bridge.providers import registry
from bridge.providers.api import NO_ADDRESS_HINT
from bridge.providers.paid import PublicUrls
from bridge.spec.refs import parse_ref

if TYPE_CHECKING:
    from bridge.plan.asset_state import AssetState
    from bridge.project import Project
    from bridge.providers.api import Input, Step
    from bridge.spec.model import Spec


def find_still(spec: Spec, steps: Sequence[Step], part: str | None) -> tuple[Step, str] | None:
    """Which step delivers the still that a reference to an asset means, and what it is called there.

    None where no step does: `#south` of a figure that has an `idle` clip is that clip's first frame.
    """
    name = f"still/{(part or '').replace('-', '_')}"
    if spec.kind in ("sprite", "edit") and part is None:
        name = f"still/{getattr(spec, 'pick', None) or 1}"
    given = {one for step in steps for one in step.gives}
    if name.replace("still/", "clip/idle/", 1) in given:
        return None
    makers = [step for step in steps if name in step.gives]
    return (makers[-1], name) if makers else None


def require_urls(
    state: AssetState, project: Project, ordered: Container[str], upstream: Mapping[str, AssetState]
) -> None:
    """Raises where a step has to be bought whose picture will have no address.

    ordered: fingerprints of what is on its way. upstream: other assets, as far as they are in order.

    Raises:
        UserError: `source_needs_address`, on the line of the input.
    """
    if not any(item.by_url for step in state.missing for item in step.inputs) or not project.config.trust.is_trusted:
        # Nothing is ordered before the project is trusted, and what it says of uploads does not count.
        return
    for step in state.missing:
        if state.fingerprints[step.key] in ordered:
            continue
        for item in step.inputs:
            if item.by_url and not _has_url(state, project, step.provider, item, upstream):
                raise UserError(
                    "source_needs_address",
                    f"{step.provider} takes pictures by their web address only, and {item.ref} has none",
                    hint=NO_ADDRESS_HINT.format(step.provider),
                    where=state.loaded.where(item.field),
                )


def _has_url(
    state: AssetState, project: Project, provider: str, item: Input, upstream: Mapping[str, AssetState]
) -> bool:
    if project.config.providers.get(provider, {}).get("upload_command"):
        return True
    if item.sha256 is not None:
        # Few plans get here, and every plan would pay for these.
        from bridge.orders.access import provider_settings
        from bridge.orders.kept_urls import list_live_urls

        journal = project.journal
        return journal is not None and bool(
            list_live_urls(journal, item.sha256, provider_settings(project.config, provider)[1].base_url)
        )
    if item.steps:
        made = next((step for step in reversed(state.steps) if item.ref in step.gives), None)
        return made is not None and _promises_url(made, item.ref)
    ref = parse_ref(item.ref)
    other = upstream.get(ref.id) if ref is not None else None
    if ref is None or other is None:
        # What is wrong with the other asset is said there.
        return True
    maker = find_still(other.loaded.spec, other.steps, ref.part)
    return maker is not None and _promises_url(*maker)


def _promises_url(step: Step, part: str) -> bool:
    provider = registry.get(step.provider)
    return isinstance(provider, PublicUrls) and provider.addressed(step, part)


def encode_provider_ids(upstream: Mapping[str, AssetState], item: Input) -> bytes:
    """What a provider is told of a picture that it made itself (`Input.by_id`).

    Raises:
        WorkFailed: `source_failed`: nobody knows its ids.
    """
    ref = parse_ref(item.ref)
    other = upstream.get(ref.id) if ref is not None else None
    maker = find_still(other.loaded.spec, other.steps, ref.part) if ref is not None and other is not None else None
    if other is not None and maker is not None:
        step, name = maker
        locked = other.entry.steps.get(step.key)
        if locked is not None and locked.provider_ids:
            return json.dumps({"ids": locked.provider_ids, "place": step.gives.index(name)}, sort_keys=True).encode()
    raise WorkFailed(
        "source_failed",
        f"nothing is known of where the provider has {item.ref}",
        hint="Raise its `take` and build it anew, or give another source.",
    )

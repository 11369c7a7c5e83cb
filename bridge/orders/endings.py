"""What happens after an order ended badly: the one rule, for the command line, watch and the daemon.

An order that was refused, failed, expired, came damaged, was cancelled or given up is not placed again by itself: not
at the next save, not after a restart, not by another asset that asks for the same, and not by whoever waited for it.
It is ordered again only when

- the spec asks for something else (that is another request, with another fingerprint), or
- a person saw that it ended so and what a new one costs, and approved that, or
- the job failed, and the spec's `retries` lets it be tried again inside a budget.

What came damaged is paid for and can be fetched again for nothing: it is ordered again only after a person has given
that very job up (`jobs resubmit`, `jobs abandon`), whatever else is approved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError, NeedsDecision
from bridge.orders import failures
from bridge.orders.model import Job, JobState, OrderRequest, format_price
from bridge.providers.paid import Ending

if TYPE_CHECKING:
    from bridge.orders.journal import Journal

RETRIES = "retries"
"""`Job.approved_by` of an order that `retries` asked for."""


def find_bad_ending(journal: Journal, fingerprint: str) -> Job | None:
    """The newest order of a request where that ended badly; None where it is on its way, brought something, or there
    was none.
    """
    orders = [job for job in journal.jobs.list_of(fingerprint) if job.ending is not Ending.UNSENT]
    return orders[-1] if orders and orders[-1].has_ended_badly else None


def may_retry(journal: Journal, request: OrderRequest) -> bool:
    """Whether `retries` lets a failed job be tried again: so often since a person or a budget last allowed it anew."""
    tries = 0
    for job in reversed(journal.jobs.list_of(request.fingerprint)):
        if job.ending is Ending.UNSENT:
            continue
        if job.state is not JobState.FAILED:
            return False
        if job.approved_by != RETRIES:
            return tries < request.retries
        tries += 1
    return False


def may_ask_again(ended: Job) -> bool:
    """Whether the approval of a price is enough for a new order."""
    return ended.state is not JobState.DAMAGED


def ask_again(request: OrderRequest, ended: Job) -> BridgeError:
    """What is said instead of placing such an order again: how the last one ended, and what a new one costs."""
    if not may_ask_again(ended):
        return failures.describe_damaged_before(request, ended)
    # What was said while it was uncertain is not why it ended.
    has_reason = ended.ending not in (Ending.LEFT, Ending.ABANDONED, Ending.UNWANTED)
    said = str((ended.error or {}).get("message") or "") if has_reason else ""
    what = said if said.startswith(f"{ended.asset}: ") and ended.asset == request.asset else ""
    what = what or f"{request.asset}: the order of {request.step.key} {ended.describe_ending()}"
    return NeedsDecision(
        "order_cancelled" if ended.is_cancelled else "order_failed",
        f"{what} (job {ended.id}); a new order costs {format_price(request.step.price)}",
        hint=f"It is not ordered again by itself. Change the spec, or: assetbridge build {request.asset} --yes",
    )

"""A person's decision on a paid order (`jobs adopt`, `abandon`, `settle`, `cancel`), carried out in this process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

from bridge.cache import plan_cache
from bridge.core.errors import UserError
from bridge.orders.model import OWNED, Job
from bridge.orders.receipts import rewrite_receipt
from bridge.orders.runner import recovery
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.project import Project

T = TypeVar("T")


def decide_job(project: Project, decision: Callable[[Journal], T]) -> T:
    """Applies a decision, once it is known how orders of a killed run stand.

    While another process builds, the journal itself keeps decisions and orders apart (every move of a job names the
    version that it was decided on), and what a killed run left behind was taken over when that build began.

    Raises:
        BridgeError: why the decision cannot be taken, or why the receipt of the order cannot be written anew.
    """
    project.config.trust.require(Gate.DECISIONS)
    journal = project.open_journal()
    with ExitStack() as stack:
        try:
            stack.enter_context(project.owned(patience=0))
            recovery.recover_jobs(journal, project.store)
        except UserError as error:
            if error.code != "project_locked":
                raise
        decided = decision(journal)
        if isinstance(decided, Job) and decided.state in OWNED:
            rewrite_receipt(project.store, decided)
        plan_cache.forget_plan(project.memory)
    return decided

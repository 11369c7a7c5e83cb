"""A person's decision on a paid order (`jobs adopt`, `abandon`, `cancel`), carried out in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.cache import plan_cache
from bridge.orders.runner import recovery
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.orders.model import Job
    from bridge.project import Project


def decide_job(project: Project, decision: Callable[[Journal], Job]) -> Job:
    """Applies a decision once it is known how orders of a killed run stand; the project is owned by the caller.

    Raises:
        BridgeError: why the decision cannot be taken.
    """
    project.config.trust.require(Gate.DECISIONS)
    journal = project.open_journal()
    recovery.recover_jobs(journal, project.store)
    job = decision(journal)
    plan_cache.forget_plan(project.memory)
    return job

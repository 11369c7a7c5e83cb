"""`jobs webhook`: whether providers can tell that a job has ended, and whether the outside reaches the receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.core.web_address import webhook_address
from bridge.orders.model import TAKEN

if TYPE_CHECKING:
    from bridge.project import Project


def describe_webhooks(project: Project) -> dict[str, Any]:
    """The document of `jobs webhook --json`; `waiting` are the jobs that a provider works on and has an address for."""
    address = webhook_address(project.config.webhooks)
    journal = project.journal
    return {
        "on": address is not None,
        "listen": f"{address.host}:{address.port}" if address else None,
        "public_url": address.public_url if address else None,
        "waiting": [job.id for job in journal.jobs.list_in(TAKEN) if job.hook] if journal else [],
    }

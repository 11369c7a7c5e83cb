"""jobs webhook: whether webhooks are received, and whether the outside reaches the receiver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.options import common
from bridge.cli.render import emit, say
from bridge.core.errors import EXIT_FAILED

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.orders.webhooks.trial import WebhookTrial

_OFF = "webhooks are off: jobs are polled. [webhooks] public_url in assetbridge.toml turns them on"


@click.command()
@click.option("--test", "trying", is_flag=True, help="Ask the public address, as a provider would.")
@common
def webhook(trying: bool, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Whether providers can tell us when a job has ended; without that, jobs are polled.

    While paid jobs wait, `build`, `watch` and the daemon listen on [webhooks] listen. The public address must lead
    there.
    """
    from bridge.orders.webhooks.trial import try_webhook
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        document = _shown(project.config, _waiting(project.journal))
        trial = try_webhook(project.config.webhooks) if trying and document["on"] else None
    if trial is not None:
        document["test"] = {"reached": trial.reached, "note": trial.note}
    if as_json:
        emit(document)
    else:
        _say(document, trial)
    return EXIT_FAILED if trial is not None and not trial.reached else 0


def _waiting(journal: Any) -> list[int]:
    """Numbers of the jobs that a provider works on and has an address for."""
    from bridge.orders.model import TAKEN

    return [job.id for job in journal.jobs.list_in(TAKEN) if job.hook] if journal else []


def _shown(config: Config, waiting: list[int]) -> dict[str, Any]:
    from bridge.core.web_address import configured

    address = configured(config.webhooks)
    return {
        "on": address is not None,
        "listen": f"{address.host}:{address.port}" if address else None,
        "public_url": address.public_url if address else None,
        "waiting": waiting,
    }


def _say(document: dict[str, Any], trial: WebhookTrial | None) -> None:
    if not document["on"]:
        say(_OFF)
        return
    say(f"listens on   {document['listen']} while paid jobs wait")
    say(f"public       {document['public_url']}")
    jobs = ", ".join(map(str, document["waiting"]))
    say(f"waited for   {f'jobs {jobs}' if jobs else 'no jobs'}")
    if trial is not None:
        say(f"test         {'reached' if trial.reached else 'not reached'}: {trial.note}")

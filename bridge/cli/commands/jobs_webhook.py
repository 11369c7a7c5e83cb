"""`assetbridge jobs webhook`: whether webhooks are received, and whether the outside reaches the receiver."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_FAILED

if TYPE_CHECKING:
    from bridge.orders.webhooks.trial import WebhookTrial

_OFF = "webhooks are off: jobs are polled. [webhooks] public_url in assetbridge.toml turns them on"


@click.command("webhook")
@click.option("--test", "trying", is_flag=True, help="Ask the public address, as a provider would.")
@common_options
def webhook_command(trying: bool, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Whether providers can tell us when a job has ended; without that, jobs are polled.

    While paid jobs wait, `build`, `watch` and the daemon listen on [webhooks] listen. The public address must lead
    there.
    """
    from bridge.operations.webhook_status import describe_webhooks
    from bridge.orders.webhooks.trial import try_webhook
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        document = describe_webhooks(project)
        trial = try_webhook(project.config) if trying and document["on"] else None
    if trial is not None:
        document["test"] = {"reached": trial.reached, "note": trial.note}
    if as_json:
        print_json(document)
    else:
        _show_webhooks(document, trial)
    return EXIT_FAILED if trial is not None and not trial.reached else EXIT_DONE


def _show_webhooks(document: dict[str, Any], trial: WebhookTrial | None) -> None:
    if not document["on"]:
        print_line(_OFF)
        return
    print_line(f"listens on   {document['listen']} while paid jobs wait")
    print_line(f"public       {document['public_url']}")
    jobs = ", ".join(map(str, document["waiting"]))
    print_line(f"waited for   {f'jobs {jobs}' if jobs else 'no jobs'}")
    if trial is not None:
        print_line(f"test         {'reached' if trial.reached else 'not reached'}: {trial.note}")

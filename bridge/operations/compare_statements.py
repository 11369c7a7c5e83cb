"""`assetbridge spend --remote`: the ledger beside what the providers say they charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.operations.accounts import keyed_providers, paid_providers
from bridge.orders.statements import StatementComparison
from bridge.orders.statements import compare_statements as compare_with_statements
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.project import Project


def compare_statements(project: Project, first: str, last: str) -> list[StatementComparison]:
    """The ledger beside the books of every provider that has a key here or was paid; nothing is written.

    Raises:
        NeedsDecision: `not_trusted`.
    """
    project.config.trust.require(Gate.KEYS)
    journal = project.journal
    paid = {entry.provider for entry in journal.ledger.list_entries()} if journal else set()
    relevant = paid | set(keyed_providers(project.config))
    names = [name for name in paid_providers() if name in relevant]
    return list(compare_with_statements(project.config, names, journal, first=first, last=last))

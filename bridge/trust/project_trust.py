"""Whether a project is trusted, asked anew whenever something waits for it: an answer holds for that moment only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bridge.core.errors import NeedsDecision, UserError
from bridge.trust.record import TrustRecord, find_record, save_record
from bridge.trust.request import RequestChange, TrustRequest, compare_requests, digest_requests

VARIABLE = "ASSETBRIDGE_TRUST"
"""Set to 1, every project that this process and what it starts work on is trusted."""
WAY_OUT = "`assetbridge trust` shows what it asks for, and asks you."


class Gate(StrEnum):
    """What waits until a project is trusted, as messages name it."""

    KEYS = "no API key is read, and no provider is asked"
    SPENDING = "nothing is bought"
    UPLOADS = "upload_command does not run"
    WEBHOOKS = "webhooks are not received"
    DECISIONS = "orders are listed, and nothing is decided about them"
    SHARED_STORE = "the team's store is not asked"
    PLUG_INS = "providers and targets of other packages are not loaded"


class TrustState(StrEnum):
    """Where a project stands. CHANGED: it was trusted, and asks for something else since."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ProjectTrust:
    """The trust in one project, as far as its loaded settings go.

    list_requests: what these settings ask for; only run when somebody asks, because files may have to be read.
    """

    root: Path
    project_id: str
    list_requests: Callable[[], tuple[TrustRequest, ...]]

    @property
    def is_by_variable(self) -> bool:
        """Whether `ASSETBRIDGE_TRUST=1` trusts whatever this process works on."""
        return os.environ.get(VARIABLE) == "1"

    @property
    def state(self) -> TrustState:
        """Where the project stands at this moment.

        Raises:
            UserError: `settings_unsafe`, `settings_damaged`: what was trusted cannot be read.
        """
        if self.is_by_variable:
            return TrustState.TRUSTED
        record = self._find_record()
        if record is None:
            return TrustState.UNTRUSTED
        asks_the_same = record.digest == digest_requests(self.list_requests())
        return TrustState.TRUSTED if asks_the_same else TrustState.CHANGED

    @property
    def is_trusted(self) -> bool:
        """Whether the project is trusted at this moment.

        Raises:
            UserError: `settings_unsafe`, `settings_damaged`.
        """
        return self.state is TrustState.TRUSTED

    def require(self, gate: Gate) -> None:
        """Passes for a trusted project only.

        Raises:
            NeedsDecision: `not_trusted`.
            UserError: `settings_unsafe`, `settings_damaged`.
        """
        error = self.refusal(gate)
        if error is not None:
            raise error

    def refusal(self, gate: Gate) -> NeedsDecision | None:
        """Why something may not be done yet; None for a trusted project.

        Raises:
            UserError: `settings_unsafe`, `settings_damaged`.
        """
        state = self.state
        if state is TrustState.TRUSTED:
            return None
        why = (
            "this project asks for something else than when it was trusted"
            if state is TrustState.CHANGED
            else "this project is not trusted"
        )
        return NeedsDecision("not_trusted", f"{why}: {gate}", hint=WAY_OUT)

    def digest_state(self) -> str:
        """Changes whenever the answer to `state` may have changed; readable settings or not."""
        try:
            return str(self.state)
        except UserError as error:
            return error.code

    def list_changes(self, requests: Iterable[TrustRequest] | None = None) -> tuple[RequestChange, ...]:
        """What a person is asked about: everything of a new project, the difference of one that was trusted.

        requests: what is asked for; None: what is asked for now.

        Raises:
            UserError: `settings_unsafe`, `settings_damaged`.
        """
        record = self._find_record()
        return compare_requests(record.values if record else {}, self.list_requests() if requests is None else requests)

    def grant(self, requests: Iterable[TrustRequest]) -> None:
        """The user trusts the project with these requests: those that were shown, whatever a file holds by now.

        Raises:
            UserError: `settings_unsafe`, `settings_damaged`, `settings_unwritable`.
        """
        save_record(self.root, self.project_id, requests)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: `{trusted, state, by, asks, changes}`.

        Raises:
            UserError: `settings_unsafe`, `settings_damaged`.
        """
        state = self.state
        trusted = state is TrustState.TRUSTED
        source = None if not trusted else "variable" if self.is_by_variable else "record"
        changes = () if trusted else self.list_changes()
        return {
            "trusted": trusted,
            "state": str(state),
            "by": source,
            "asks": [request.as_dict() for request in self.list_requests()],
            "changes": [change.as_dict() for change in changes],
        }

    def _find_record(self) -> TrustRecord | None:
        return find_record(self.root, self.project_id)


def _ask_nothing() -> tuple[TrustRequest, ...]:
    return ()


NO_PROJECT = ProjectTrust(Path(), "", _ask_nothing)
"""Of what belongs to no project: never trusted, but for the variable. What forgets to name its project gets nothing."""

"""Whether packages that other people wrote may be imported because a project names them.

A process works on one project: the one whose settings were read last decides. Without a project it is the user who
asks, and what is installed on this machine is the user's own.
"""

from __future__ import annotations

from bridge.core.errors import NeedsDecision
from bridge.trust.project_trust import Gate, ProjectTrust

_projects: list[ProjectTrust] = []


def follow_project(trust: ProjectTrust | None) -> None:
    """From now on this project decides; None: no project."""
    _projects[:] = [] if trust is None else [trust]


def refuse_plug_in() -> NeedsDecision | None:
    """Why none may be loaded at this moment; None where it may.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`.
    """
    return _projects[0].refusal(Gate.PLUG_INS) if _projects else None

"""The documents that the daemon's addresses answer with. Functions with a `View` run in the reader's thread."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.core.errors import NeedsDecision, UserError
from bridge.daemon.asset_key import key_of

if TYPE_CHECKING:
    from bridge.daemon.worker.reader import View
    from bridge.daemon.worker.worker import BuildWorker
    from bridge.orders.journal import Journal
    from bridge.orders.model import Job
    from bridge.plan.model import Plan

_PLAN = "plan"


def _rows(root: Path) -> list[dict[str, Any]]:
    from bridge.cache.asset_status import list_assets
    from bridge.cache.project_memory import ProjectMemory

    memory = ProjectMemory(root)
    try:
        return list_assets(memory)
    finally:
        memory.close()


def assets(engine: BuildWorker) -> list[dict[str, Any]]:
    """`{key, id, kind, state, stale, error, progress, outputs}` of every asset; `state` is also `queued` or `building`.

    outputs: project-relative paths by target, of the last build that ended.
    """
    active = engine.activities()
    outputs = _outputs(engine.root)
    rows = []
    for row in _rows(engine.root):
        activity = active.get(row["id"])
        state = activity.state if activity else row["state"]
        progress = activity.progress if activity else None
        facts = {"state": state, "progress": progress, "outputs": outputs.get(row["id"], {})}
        rows.append({"key": key_of(row["id"]), **row, **facts})
    return rows


def _outputs(root: Path) -> dict[str, dict[str, list[str]]]:
    """Output files of every asset by target, as the lock has them; none when it cannot be read."""
    from bridge.store.lockfile import FILE_NAME

    try:
        stat = (root / FILE_NAME).stat()
    except OSError:
        return {}
    return _locked_outputs(root, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=1)
def _locked_outputs(root: Path, stamp: tuple[int, int]) -> dict[str, dict[str, list[str]]]:
    """What `_outputs` says of the lock with this time and size: every listing asks, few locks are large and new."""
    from bridge.store import lockfile as lock

    del stamp
    try:
        return {asset_id: entry.outputs() for asset_id, entry in lock.read(root).assets.items()}
    except UserError:
        return {}


def id_of(root: Path, key: str) -> str:
    """The id of a key; only ids of assets that exist have one, so nothing in an address can name another file.

    Raises:
        UserError: `unknown_asset`.
    """
    for row in _rows(root):
        if key_of(row["id"]) == key:
            return str(row["id"])
    raise UserError("unknown_asset", "no asset has this key", hint="GET /v1/assets lists keys and ids.")


def check_ids(view: View, ids: Sequence[str]) -> None:
    """Checks that ids in a body are assets.

    Raises:
        UserError: `unknown_asset`.
    """
    from bridge.operations.plan import known_ids

    known_ids(view.planner, ids)


def details(view: View, asset_id: str) -> dict[str, Any]:
    """Spec, plan, output files and variants of one asset."""
    planned = next((one for one in view.plan.assets if one.id == asset_id), None)
    loaded = view.planner.evaluation.specs.get(asset_id)
    entry = view.project.lock.assets.get(asset_id)
    return {
        "spec": f"{asset_id}.asset.toml",
        "plan": planned.as_dict() if planned else None,
        "outputs": entry.outputs() if entry else {},
        "variants": loaded.spec.variants if loaded else 1,
        "pick": getattr(loaded.spec, "pick", None) if loaded else None,
    }


def variants(view: View, asset_id: str) -> dict[str, Any]:
    """`{variants: [{number, picked, preview}]}`; `preview` is an address here."""
    loaded = view.planner.evaluation.specs.get(asset_id)
    if loaded is None:
        raise UserError("unknown_asset", f"the spec of {asset_id} is not valid")
    picked = getattr(loaded.spec, "pick", None) or (1 if loaded.spec.variants == 1 else None)
    address = f"/v1/assets/{key_of(asset_id)}/preview.png?variant="
    rows = [
        {"number": number, "picked": number == picked, "preview": f"{address}{number}"}
        for number in range(1, loaded.spec.variants + 1)
    ]
    return {"id": asset_id, "variants": rows}


def plan(view: View, *, ask: bool) -> str:
    """The text of `plan --json`, each asset with its key."""
    made = view.plan
    if not made.costs():
        # Budgets and balances have no part in it: it is the same text until there is another plan.
        return view.texts.get(_PLAN) or view.texts.setdefault(_PLAN, _text(made))
    from bridge.plan.pricing import price_plan

    return _text(dataclasses.replace(made, providers=price_plan(view.project, made, ask=ask)))


def _text(plan: Plan) -> str:
    document = plan.as_dict()
    for asset in document["assets"]:
        asset["key"] = key_of(asset["id"])
    return json.dumps(document)


def digest(view: View) -> str:
    """The plan's digest."""
    return view.plan.digest


def jobs(root: Path, *, everything: bool) -> dict[str, Any]:
    """The document of `jobs --json`."""
    from bridge.orders.ledger import orders
    from bridge.project import Project

    with Project.open(root) as project:
        found = orders(project.journal, everything=everything)
    return {"jobs": [job.as_dict() for job in found]}


def adopt(engine: BuildWorker, *, number: int, ids: Sequence[str]) -> Job:
    """Takes what the provider has for an uncertain order.

    Raises:
        BridgeError: there is no such order or nothing to decide about it, as of all that follow.
    """
    from bridge.orders import decisions

    def act(journal: Journal) -> Job:
        job = decisions.uncertain(journal, number)
        return decisions.adopt(journal, number, decisions.named_ids(job, ids))

    return _decided(engine, number, act)


def abandon(engine: BuildWorker, *, number: int) -> Job:
    """Gives an uncertain order up."""
    from bridge.orders import decisions

    return _decided(engine, number, lambda journal: decisions.abandon(journal, number))


def cancel(engine: BuildWorker, *, number: int) -> Job:
    """Stops an order: at the provider, where it can be told, and here."""
    from bridge.config.project_config import read_config
    from bridge.orders.cancel import stop

    return _decided(engine, number, lambda journal: stop(read_config(engine.root), journal, number))


def resubmit(engine: BuildWorker, *, number: int, accepted: bool) -> Job:
    """Gives an uncertain order up, to be ordered again; not before a second charge is `accepted`."""
    from bridge.orders import decisions

    def act(journal: Journal) -> Job:
        decisions.uncertain(journal, number)
        if not accepted:
            raise NeedsDecision(
                "needs_approval",
                f"job {number} may be charged a second time",
                hint='Send {"accept_second_charge": true} to order it again.',
            )
        return decisions.abandon(journal, number, "ordered again")

    return _decided(engine, number, act)


def _decided(engine: BuildWorker, number: int, act: Callable[[Journal], Job]) -> Job:
    if not (engine.root / ".assetbridge" / "journal.db").exists():
        raise UserError("unknown_job", f"there is no job {number}", hint="`assetbridge jobs` lists them.")
    return engine.decide(act)


def providers(root: Path, *, ask: bool) -> dict[str, Any]:
    """Providers as `providers --json` has them, each with its budget and, where asked for, what is left."""
    from bridge.config.project_config import read_config
    from bridge.providers.listing import listing

    config = read_config(root)
    rows = listing()
    balances = _balances(root, [row["name"] for row in rows if row["key"] and row["key"]["present"]]) if ask else {}
    for row in rows:
        limits = config.budget.get(row["name"])
        row["budget"] = {name: str(value) for name, value in limits.items()} if limits else None
        row["balance"] = balances.get(row["name"])
    return {"providers": rows}


def _balances(root: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    from bridge.orders.balances import balances
    from bridge.orders.model import plain
    from bridge.project import Project

    with Project.open(root) as project:
        said = balances(project.config, names, journal=project.journal)
    found: dict[str, dict[str, Any]] = {}
    for name, asked in said.items():
        amounts = asked.balance.amounts if asked.balance else {}
        found[name] = {"amounts": {unit: plain(amount) for unit, amount in amounts.items()}, "note": asked.note}
    return found


def spend(root: Path, by: str) -> dict[str, Any]:
    """The document of `spend --json`."""
    from bridge.orders.ledger import added_up
    from bridge.project import Project

    with Project.open(root) as project:
        entries = project.journal.ledger() if project.journal else []
    return {"by": by, "rows": added_up(entries, by)}


def doctor(root: Path) -> dict[str, Any]:
    """The document of `doctor --json`."""
    from bridge.operations.doctor import findings

    found = findings(root)
    bad = any(finding.level == "problem" for finding in found)
    return {"ok": not bad, "findings": [finding.as_dict() for finding in found]}


def new_spec(
    engine: BuildWorker,
    kind: str,
    name: str,
    description: str | None,
    provider: str | None,
    *,
    terrains: Sequence[str] = (),
    tile_size: int | None = None,
) -> dict[str, Any]:
    """Writes a new spec; returns what it is now.

    Raises:
        BridgeError: `id_invalid`, `file_exists`, `spec_unknown_kind`.
    """
    from bridge.operations.edit_spec import Edited, write_new
    from bridge.project import Project

    def act(project: Project) -> Edited:
        made = write_new(project.config, kind, name, description, provider, terrains=terrains, tile_size=tile_size)
        return Edited(made, None, 1)

    asset_id = engine.edit(act).id
    return {"key": key_of(asset_id), "id": asset_id, "kind": kind, "path": f"{asset_id}.asset.toml"}

"""What the reading endpoints find out. Functions with a `PlanView` run in the reader's thread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bridge.cache.asset_status import list_assets as list_states
from bridge.cache.project_memory import ProjectMemory
from bridge.config.project_config import read_config
from bridge.core.errors import UserError
from bridge.core.paths import spec_file
from bridge.core.visible import write_json
from bridge.daemon.asset_key import key_of
from bridge.daemon.worker.open_project import PlanView
from bridge.daemon.worker.worker import BuildWorker
from bridge.operations.plan import add_decisions, add_prices
from bridge.orders.balances import ask_balances
from bridge.orders.budget import describe_budget, read_budgets
from bridge.orders.model import format_amount
from bridge.plan.model import Plan
from bridge.project import Project
from bridge.providers.listing import listing as list_all_providers
from bridge.store import lockfile

_PLAN = "plan"


def _list_states(root: Path) -> list[dict[str, Any]]:
    memory = ProjectMemory(root)
    try:
        return list_states(memory)
    finally:
        memory.close()


def list_assets(worker: BuildWorker) -> list[dict[str, Any]]:
    """Every asset; its state is also `queued` or `building`. outputs: of the last build that ended, by target."""
    active = worker.activities
    outputs = _locked_outputs(worker.root)
    rows = []
    for row in _list_states(worker.root):
        activity = active.get(row["id"])
        state = activity.state if activity else row["state"]
        progress = activity.progress if activity else None
        facts = {"state": state, "progress": progress, "outputs": outputs.get(row["id"], {})}
        rows.append({"key": key_of(row["id"]), **row, **facts})
    return rows


def _locked_outputs(root: Path) -> dict[str, dict[str, list[str]]]:
    """Output files of every asset by target, as the lock has them; none when it cannot be read."""
    try:
        stat = (root / lockfile.FILE_NAME).stat()
    except OSError:
        return {}
    return _read_outputs(root, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=1)
def _read_outputs(root: Path, stamp: tuple[int, int]) -> dict[str, dict[str, list[str]]]:
    """Those of the lock with this time and size: every listing asks, few locks are large and new."""
    del stamp
    try:
        return {asset_id: entry.outputs() for asset_id, entry in lockfile.read(root).assets.items()}
    except UserError:
        return {}


def asset_id_of(root: Path, key: str) -> str:
    """The id of a key; only ids of assets that exist have one, so nothing in an address can name another file.

    Raises:
        UserError: `unknown_asset`.
    """
    for row in _list_states(root):
        if key_of(row["id"]) == key:
            return str(row["id"])
    raise UserError("unknown_asset", "no asset has this key", hint="GET /v1/assets lists keys and ids.")


def asset_details(view: PlanView, asset_id: str) -> dict[str, Any]:
    """Spec, plan, output files and variants of one asset."""
    planned, loaded = view.planned(asset_id), view.spec_of(asset_id)
    return {
        "spec": spec_file(asset_id),
        "plan": planned.as_dict() if planned else None,
        "outputs": view.locked_outputs(asset_id),
        "variants": loaded.spec.variants if loaded else 1,
        "pick": getattr(loaded.spec, "pick", None) if loaded else None,
    }


def list_variants(view: PlanView, asset_id: str) -> dict[str, Any]:
    """The variants of an asset; `preview` is an address here."""
    loaded = view.spec_of(asset_id)
    if loaded is None:
        raise UserError("unknown_asset", f"the spec of {asset_id} is not valid")
    picked = getattr(loaded.spec, "pick", None) or (1 if loaded.spec.variants == 1 else None)
    address = f"/v1/assets/{key_of(asset_id)}/preview.png?variant="
    numbers = range(1, loaded.spec.variants + 1)
    rows = [{"number": number, "picked": number == picked, "preview": f"{address}{number}"} for number in numbers]
    return {"id": asset_id, "variants": rows}


def plan_text(view: PlanView, *, ask: bool) -> str:
    """The text of `plan --json`, each asset with its key. ask: ask the providers what is left."""
    if view.plan.costs():
        return _plan_text(add_prices(view.project, view.plan, ask=ask))
    plan = add_decisions(view.project, view.plan)
    if plan.decisions:
        return _plan_text(plan)
    # Neither budgets nor orders have a part in it: it is the same text until there is another plan.
    return view.texts.get(_PLAN) or view.texts.setdefault(_PLAN, _plan_text(plan))


def _plan_text(plan: Plan) -> str:
    document = plan.as_dict()
    for asset in document["assets"]:
        asset["key"] = key_of(asset["id"])
    return write_json(document)


def list_providers(root: Path, *, ask: bool) -> dict[str, Any]:
    """Providers as `providers --json` has them, each with its budget and, where asked for, what is left."""
    budgets = read_budgets(read_config(root))
    rows = list_all_providers()
    with_key = [row["name"] for row in rows if row["key"] and row["key"]["present"]]
    amounts_left = _ask_balances(root, with_key) if ask else {}
    for row in rows:
        budget = budgets.get(row["name"])
        row["budget"] = describe_budget(budget) if budget else None
        row["balance"] = amounts_left.get(row["name"])
    return {"providers": rows}


def _ask_balances(root: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    with Project.open(root) as project:
        answers = ask_balances(project.config, names, journal=project.journal)
    left: dict[str, dict[str, Any]] = {}
    for name, answer in answers.items():
        amounts = answer.balance.amounts if answer.balance else {}
        left[name] = {"amounts": {unit: format_amount(amount) for unit, amount in amounts.items()}, "note": answer.note}
    return left

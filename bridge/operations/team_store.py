"""What a person asks of the team's store: to be tried, filled, emptied and looked after, and what others ordered."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bridge.core import limits
from bridge.core.errors import BridgeError, UserError
from bridge.operations.store_upkeep import StoreCheck
from bridge.orders.model import LedgerChange, LedgerEntry
from bridge.orders.runner.team import STORE_ADDRESS, STORE_ID
from bridge.plan.planner import Planner
from bridge.providers import registry
from bridge.store.receipts import decode_receipt, receipt_name
from bridge.store.results import complete
from bridge.store.shared.claims import FOLDER as CLAIMS
from bridge.store.shared.claims import ClaimStage, ClaimState
from bridge.store.shared.probe import probe_store
from bridge.store.shared.shared_store import BLOBS, RECEIPTS, FetchProgress, blob_name, ignore_progress, list_files
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.project import Project
    from bridge.store.receipts import Receipt
    from bridge.store.shared.day_books import BookName, DayLine
    from bridge.store.shared.shared_store import SharedStore

# What is younger may be part of something that is being put there right now.
_SETTLED_S = 7 * 86400.0
_PASSING = ("probe", "beats")


def require_shared(project: Project) -> SharedStore:
    """The team's store of a project.

    Raises:
        UserError: `remote_unusable`: it has none.
        NeedsDecision: `not_trusted`.
    """
    if "remote" not in project.config.store:
        raise UserError(
            "remote_unusable",
            "this project has no store of a team",
            hint='Write [store] remote = "s3://bucket/folder" (gs://, az://, file:///folder) into assetbridge.toml.',
        )
    project.config.trust.require(Gate.SHARED_STORE)
    shared = project.shared
    assert shared is not None
    return shared


def probe_team_store(project: Project) -> str:
    """Tries whether the store can hold claims, and remembers that it can; returns its id. Use it in `owned()`.

    Raises:
        BridgeError: why it cannot.
    """
    shared = require_shared(project)
    store_id = probe_store(shared)
    team = project.open_journal().team
    team.put(STORE_ID, store_id)
    team.put(STORE_ADDRESS, str(shared.bucket.address))
    return store_id


@dataclass(slots=True)
class Transfer:
    """What was moved. done: results that are there now and were not; present: that were there; failed: why not."""

    done: int = 0
    present: int = 0
    failed: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"done": self.done, "present": self.present, "failed": self.failed}


def push_results(project: Project, on_progress: FetchProgress = ignore_progress) -> Transfer:
    """Puts everything that has a receipt here, and none there, into the team's store.

    Raises:
        BridgeError: the store cannot be asked.
    """
    shared = require_shared(project)
    receipts, errors = project.store.receipts.list_all()
    there, blobs = shared.list_receipts(), shared.list_blobs()
    lacking = [receipt for receipt in receipts if receipt.fingerprint not in there]
    report = Transfer(present=len(receipts) - len(lacking), failed=[error.message for error in errors])
    tasks = [shared.callers.submit(shared.push_result, receipt, blobs) for receipt in lacking]
    for number, (receipt, task) in enumerate(zip(lacking, tasks, strict=True), 1):
        try:
            report.done += task.result()
        except BridgeError as error:
            report.failed.append(f"{receipt.asset}: {receipt.step}: {error.message}")
        on_progress(number, len(lacking))
    return report


def pull_results(
    project: Project, *, everything: bool = False, on_progress: FetchProgress = ignore_progress
) -> Transfer:
    """Brings what the specs and the lock of this project need and lack, or everything, from the team's store.

    Raises:
        BridgeError: the store cannot be asked.
    """
    shared = require_shared(project)
    wanted = shared.list_receipts() if everything else _list_needed(project)
    present = {name for name in wanted if _has_result(project, name)}
    lacking = sorted(wanted - present)
    came = shared.fetch_results(lacking, on_progress)
    shared.require_reachable()
    whole = {name for name in came if _has_result(project, name)}
    failed = [f"{name}: its files are not in the team's store" for name in sorted(came - whole)]
    return Transfer(len(whole), len(present), failed)


def _list_needed(project: Project) -> set[str]:
    planner = Planner(project)
    planner.read()
    needed = {step.fingerprint for entry in project.lock.assets.values() for step in entry.steps.values()}
    for state in planner.evaluation.states.values():
        needed |= {fingerprint for fingerprint in state.fingerprints.values() if fingerprint is not None}
    free = {
        step.fingerprint
        for entry in project.lock.assets.values()
        for step in entry.steps.values()
        if step.provider in registry.KNOWN and registry.get(step.provider).offline
    }
    return needed - free


def _has_result(project: Project, fingerprint: str) -> bool:
    try:
        receipt = project.store.receipts.find(fingerprint)
    except BridgeError:
        return False
    return receipt is not None and complete(project.store, receipt.result)


def list_usage(project: Project) -> dict[str, dict[str, int]]:
    """Objects and bytes in the team's store, by folder.

    Raises:
        BridgeError: the store cannot be asked.
    """
    usage: dict[str, dict[str, int]] = defaultdict(lambda: {"objects": 0, "bytes": 0})
    for entry in require_shared(project).bucket.list(""):
        row = usage[entry.name.partition("/")[0]]
        row["objects"] += 1
        row["bytes"] += entry.size_bytes
    return dict(sorted(usage.items()))


def verify_team_store(project: Project, *, repair: bool = False) -> StoreCheck:
    """Reads every receipt in the team's store and every file that one names.

    repair: puts a file that is whole here in the place of one that is not.

    Raises:
        BridgeError: the store cannot be asked.
    """
    shared = require_shared(project)
    checked: dict[str, bool] = {}
    problems = []
    receipts = sorted(shared.list_receipts())
    for fingerprint in receipts:
        receipt = _read_receipt(shared, fingerprint)
        if isinstance(receipt, str):
            problems.append(receipt)
            continue
        names = [receipt.result]
        for sha256 in names:
            if sha256 not in checked:
                checked[sha256] = _is_whole(shared, sha256) or (repair and _mend(shared, sha256))
            if not checked[sha256]:
                problems.append(f"{receipt.asset}: {receipt.step}: {blob_name(sha256)[:20]}… is missing or damaged")
            elif sha256 == receipt.result:
                names += list_files(shared.bucket.get(blob_name(sha256), limits.SHARED_BLOB_BYTES) or b"") or []
    return StoreCheck(len(checked), len(receipts), tuple(problems))


def _read_receipt(shared: SharedStore, fingerprint: str) -> Receipt | str:
    """A receipt there; a sentence where it cannot be read."""
    data = shared.bucket.get(f"{RECEIPTS}/{receipt_name(fingerprint)}", limits.SHARED_RECORD_BYTES) or b""
    try:
        receipt = decode_receipt(data)
        if receipt.fingerprint != fingerprint:
            raise ValueError(f"it is that of {receipt.fingerprint}")
    except (ValueError, RecursionError) as error:
        return f"the receipt {receipt_name(fingerprint)} cannot be read: {error}"
    return receipt


def _is_whole(shared: SharedStore, sha256: str) -> bool:
    data = shared.bucket.get(blob_name(sha256), limits.SHARED_BLOB_BYTES)
    return data is not None and hashlib.sha256(data).hexdigest() == sha256


def _mend(shared: SharedStore, sha256: str) -> bool:
    try:
        data = shared.local.get(sha256)
    except BridgeError:
        return False
    shared.bucket.put(blob_name(sha256), data)
    return True


def list_garbage(project: Project) -> dict[str, int]:
    """What nobody needs any more in the team's store: names with their sizes in bytes.

    That is: files that no receipt names, claims of what has a receipt, and what was left of probes and signs of life;
    nothing that is younger than a week. Whatever has a receipt was bought, and is kept.

    Raises:
        BridgeError: the store cannot be asked, or a receipt cannot be read: then nothing is known to be needed by none.
    """
    shared = require_shared(project)
    needed: set[str] = set()
    receipts = shared.list_receipts()
    for receipt in shared.executor.map(lambda name: _read_receipt(shared, name), sorted(receipts)):
        if isinstance(receipt, str):
            raise UserError("remote_unusable", receipt, hint="Mend or remove it first: it may need what is there.")
        manifest = shared.bucket.get(blob_name(receipt.result), limits.SHARED_BLOB_BYTES) or b""
        needed |= {receipt.result, *(list_files(manifest) or ())}
    settled = time.time() - _SETTLED_S
    garbage = {}
    for entry in shared.bucket.list(""):
        folder, *rest = entry.name.split("/")
        is_stray = folder == BLOBS and "".join(rest) not in needed
        is_done = folder == CLAIMS and bool(rest) and rest[0].replace("-", ":", 1) in receipts
        if entry.modified < settled and (is_stray or is_done or folder in _PASSING):
            garbage[entry.name] = entry.size_bytes
    return garbage


def delete_garbage(project: Project, names: dict[str, int]) -> None:
    """Removes what `list_garbage` has found.

    Raises:
        BridgeError: the store cannot be asked, or these keys may not.
    """
    shared = require_shared(project)
    list(shared.executor.map(lambda name: shared.bucket.delete([name]), names))


@dataclass(frozen=True, slots=True)
class TeamJob:
    """An order that some machine has claimed and that has no receipt yet."""

    state: ClaimState
    age_s: float

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `jobs --team --json`."""
        claim = self.state.first
        assert claim is not None
        return {
            "asset": claim.asset,
            "step": claim.step,
            "provider": claim.provider,
            "stage": str(self.state.stage),
            "by": claim.by,
            "owner": self.state.owner,
            "unit": claim.unit,
            "amount": claim.amount or None,
            "age_s": round(self.age_s, 1),
            "fingerprint": self.state.fingerprint,
        }


def list_team_jobs(project: Project) -> list[TeamJob]:
    """What all machines of the team have on their way, the oldest first.

    Raises:
        BridgeError: the store cannot be asked.
    """
    shared = require_shared(project)
    names = sorted(shared.claims.list_fingerprints() - shared.list_receipts())
    states = shared.executor.map(shared.claims.read, names)
    jobs = [TeamJob(state, time.time() - state.changed) for state in states if state.stage is not ClaimStage.FREE]
    return sorted(jobs, key=lambda job: -job.age_s)


@dataclass(frozen=True, slots=True)
class TeamEntries:
    """Rows of a ledger, each with who ordered it. fingerprints: of all orders that the books count."""

    entries: Sequence[tuple[LedgerEntry, str]] = ()
    fingerprints: frozenset[str] = frozenset()


def list_team_entries(project: Project, first: str = "", last: str = "9999") -> TeamEntries:
    """What other machines have spent or hold back between two UTC days.

    What has no receipt yet is possible: it is on its way, or nobody knows what became of it.

    Raises:
        BridgeError: the store cannot be asked.
    """
    shared = require_shared(project)
    own = project.journal.jobs.list_keys() if project.journal is not None else set()
    receipts = shared.list_receipts()
    books = {name: shared.books.read(name) for name in shared.books.list_names(first, last)}
    lines = [(name, line) for name, book in books.items() for line in book.lines.values() if line.amount != 0]
    entries = [
        (_entry_of(name, line, is_spent=line.fingerprint in receipts), line.by)
        for name, line in lines
        if line.key not in own
    ]
    return TeamEntries(entries, frozenset(line.fingerprint for _, line in lines))


def _entry_of(name: BookName, line: DayLine, *, is_spent: bool) -> LedgerEntry:
    amount, is_settled = line.amount or Decimal(0), not line.is_held
    change = LedgerChange(
        name.unit,
        charged=amount if is_spent or is_settled else Decimal(0),
        possible=Decimal(0) if is_spent or is_settled else amount,
        unknown=int(line.amount is None),
        reported=is_settled,
    )
    midnight = datetime.fromisoformat(f"{name.day}T00:00:00+00:00").timestamp()
    return LedgerEntry(midnight, name.day, 0, name.provider, "", line.asset, line.step, change)

"""The store as a whole: how large it is and what of it is needed, whether it is whole, and what can go.

Needed is what the lock needs, here and on every branch and tag of version control that has a name. What was bought is
paid for: it goes only where that is asked for by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core import limits
from bridge.core.errors import BridgeError, UserError, WorkFailed
from bridge.core.git_programs import run_git
from bridge.core.git_state import find_git_folder
from bridge.core.paths import STORE_FOLDER
from bridge.orders.model import format_amount
from bridge.store import lockfile, results
from bridge.store.receipts import receipt_name

if TYPE_CHECKING:
    from bridge.project import Project
    from bridge.store.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Size:
    """How many blobs, and their bytes."""

    blobs: int = 0
    bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        """The JSON form."""
        return {"blobs": self.blobs, "bytes": self.bytes}


@dataclass(frozen=True, slots=True)
class StoreUse:
    """What lies in the store: all of it, what the lock needs here, what other branches need besides, what else was
    bought, and the rest.
    """

    total: Size
    here: Size
    branches: Size
    bought: Size
    rest: Size
    receipts: int

    def as_dict(self) -> dict[str, object]:
        """The document of `store du --json`."""
        parts = ("total", "here", "branches", "bought", "rest")
        return {**{name: getattr(self, name).as_dict() for name in parts}, "receipts": self.receipts}


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """What is wrong with the store, a sentence each; blobs, receipts: how many were looked at."""

    blobs: int
    receipts: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """What goes, or would go. costs: of what was bought and goes, by provider and unit."""

    blobs: tuple[str, ...]
    size: Size
    receipts: tuple[str, ...] = ()
    costs: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The document of `store gc --json`."""
        costs = [
            {"provider": provider, "unit": unit, "amount": format_amount(amount)}
            for (provider, unit), amount in sorted(self.costs.items())
        ]
        return {**self.size.as_dict(), "receipts": len(self.receipts), "costs": costs}


def measure_store(project: Project) -> StoreUse:
    """How large the store is, and what of it is needed.

    Raises:
        UserError, WorkFailed: the lock here or on a branch cannot be read.
    """
    store = project.store
    sizes = {sha256: store.size_of(sha256) for sha256 in store.list()}
    receipts = store.receipts.list_all()[0]
    here = _list_blobs(project, _results_of(project.lock))
    branches = _list_blobs(project, _results_on_branches(project)) - here
    bought = _list_blobs(project, _list_bought(project, receipts)) - here - branches

    def measure(blobs: Iterable[str]) -> Size:
        known = [sizes[sha256] for sha256 in blobs if sha256 in sizes]
        return Size(len(known), sum(known))

    rest = sizes.keys() - here - branches - bought
    return StoreUse(measure(sizes), measure(here), measure(branches), measure(bought), measure(rest), len(receipts))


def verify_store(project: Project) -> StoreCheck:
    """Reads every blob and every receipt. Nothing is changed.

    Raises:
        UserError: the lock cannot be read.
    """
    store, problems, count = project.store, [], 0
    for sha256 in store.list():
        count += 1
        try:
            store.get(sha256)
        except WorkFailed as error:
            problems.append(f"{STORE_FOLDER}/{sha256[:2]}/{sha256[2:]}: {error.message}. {error.hint}".strip())
    receipts, errors = store.receipts.list_all()
    problems += [f"{error}. {error.hint}" for error in errors]
    problems += [
        f"{STORE_FOLDER}/receipts/{receipt_name(receipt.fingerprint)}: the result that was bought for {receipt.asset}: "
        f"{receipt.step} is not in the store"
        for receipt in receipts
        if not results.complete(store, receipt.result)
    ]
    bought = {receipt.fingerprint for receipt in receipts}
    for asset_id, entry in sorted(project.lock.assets.items()):
        problems += [
            f"{asset_id}: the result of {key} is not in the store"
            for key, step in entry.steps.items()
            if step.cost and step.fingerprint not in bought and not results.complete(store, step.result)
        ]
    return StoreCheck(count, len(receipts), tuple(problems))


def plan_sweep(project: Project, *, with_bought: bool = False) -> Sweep:
    """What nothing needs. with_bought: also what was paid for and no branch needs, with its receipts.

    Raises:
        UserError, WorkFailed: what branches need cannot be found out: nothing goes then.
    """
    store = project.store
    needed = _results_of(project.lock) | _results_on_branches(project)
    receipts, errors = store.receipts.list_all()
    if errors:
        raise errors[0]
    gone = [receipt for receipt in receipts if receipt.result not in needed] if with_bought else []
    kept = needed | (set() if with_bought else _list_bought(project, receipts))
    keep = _list_blobs(project, kept | _list_unsettled(project))
    blobs = tuple(sha256 for sha256 in store.list() if sha256 not in keep)
    costs: dict[tuple[str, str], Decimal] = {}
    for receipt in gone:
        if receipt.cost is not None and receipt.cost.amount:
            key = (receipt.provider, receipt.cost.unit)
            costs[key] = costs.get(key, Decimal(0)) + receipt.cost.amount
    size = Size(len(blobs), sum(store.size_of(sha256) for sha256 in blobs))
    return Sweep(blobs, size, tuple(receipt.fingerprint for receipt in gone), costs)


def sweep_store(project: Project, sweep: Sweep) -> None:
    """Removes what a sweep names; the project is owned by the caller.

    Receipts go first: one whose result is gone would keep its step from being bought.

    Raises:
        WorkFailed: a file cannot be removed.
    """
    for fingerprint in sweep.receipts:
        project.store.receipts.remove(fingerprint)
    for sha256 in sweep.blobs:
        project.store.remove(sha256)


def _results_of(lock: lockfile.Lock) -> set[str]:
    return {step.result for entry in lock.assets.values() for step in entry.steps.values()}


def _list_bought(project: Project, receipts: Iterable[Receipt]) -> set[str]:
    """Results that were paid for: of receipts, and of the journal of this machine."""
    own = project.journal.jobs.list_results().values() if project.journal is not None else ()
    return {receipt.result for receipt in receipts} | set(own)


def _list_unsettled(project: Project) -> set[str]:
    """Results of orders that are not settled: what came damaged may be all there will ever be."""
    return {job.result for job in project.journal.jobs.list_damaged()} if project.journal is not None else set()


def _list_blobs(project: Project, wanted: Iterable[str]) -> set[str]:
    """The blobs of results: manifests, and the files that they name."""
    return {blob for result in wanted for blob in (result, *results.list_files(project.store, result))}


def _results_on_branches(project: Project) -> set[str]:
    """The results in the locks of every branch and tag; none where the project is in no repository.

    Raises:
        WorkFailed: git cannot be asked. UserError: the lock of a branch cannot be read.
    """
    if find_git_folder(project.root.resolve()) is None:
        return set()
    needed: set[str] = set()
    for name, text in _locks_on_branches(project):
        try:
            needed |= _results_of(lockfile.loads(text))
        except BridgeError as error:
            message = f"what {name} needs is not known: {error.message}"
            raise UserError(error.code, message, hint="Nothing was removed. Mend it, or delete that branch.") from error
    return needed


def _locks_on_branches(project: Project) -> Iterator[tuple[str, str]]:
    """The text of each version of the lock that a ref has, once, with a ref that has it."""
    names = _ask(project, b"", "for-each-ref", "--format=%(refname)").decode("utf-8", "replace").split()
    if len(names) > limits.GIT_REFS:
        raise WorkFailed(
            "store_missing", f"git has more than {limits.GIT_REFS:,} branches and tags: nothing was removed"
        )
    asked = "".join(f"{name}:./{lockfile.FILE_NAME}\n" for name in [*names, "HEAD"]).encode()
    answers = _ask(project, asked, "cat-file", "--batch-check").decode("utf-8", "replace").splitlines()
    blobs: dict[str, str] = {}
    for name, answer in zip([*names, "HEAD"], answers, strict=False):
        words = answer.split()
        if len(words) == 3 and words[1] == "blob":
            blobs.setdefault(words[0], name.removeprefix("refs/heads/"))
    for blob, name in blobs.items():
        yield name, _ask(project, b"", "cat-file", "blob", blob).decode("utf-8", "replace")


def _ask(project: Project, data: bytes, *words: str) -> bytes:
    answer = run_git(project.root, *words, data=data)
    if answer is None:
        raise WorkFailed(
            "store_missing",
            "git could not be asked which results its branches need: nothing was removed",
            hint="Is git installed, and does `git status` work here?",
        )
    return answer

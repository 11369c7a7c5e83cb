"""From an order that brought its result to the receipt of it, beside the result in the store."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.core.git_programs import read_user_name
from bridge.orders.model import OWNED, Job
from bridge.store.receipts import TIME_FORMAT, Receipt, ReceiptCost
from bridge.store.results import complete

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.store.blobs import BlobStore


def receipt_of(job: Job, by: str = "") -> Receipt:
    """The receipt of an order whose result is in the store. by: who ordered it.

    Everything comes from the order's record, so that it is the same whenever it is written.
    """
    ordered = datetime.fromtimestamp(int(job.sent if job.sent is not None else job.created), UTC)
    return Receipt(
        fingerprint=job.fingerprint,
        result=job.result,
        provider=job.provider,
        operation=job.step.operation,
        asset=job.asset,
        step=job.step.key,
        at=ordered.strftime(TIME_FORMAT),
        seed=job.step.seed,
        ids=dict(job.remote),
        cost=_cost_of(job),
        by=by,
    )


def _cost_of(job: Job) -> ReceiptCost | None:
    if job.charge is not None:
        return ReceiptCost(job.charge.unit, max(job.charge.amount, Decimal(0)), is_reported=True)
    if not job.estimate.unit:
        return None
    return ReceiptCost(job.estimate.unit, job.estimate.amount)


def write_receipt(store: BlobStore, job: Job) -> None:
    """Writes the receipt of an order that is stored, where there is none yet, or one whose result is gone.

    Raises:
        WorkFailed: `disk_full`, `output_unwritable` or `unsafe_path`; the journal knows the result all the same.
    """
    receipt = receipt_of(job, read_user_name(store.root.parent.parent))
    if store.receipts.write(receipt):
        return
    earlier = store.receipts.find(job.fingerprint)
    if earlier is not None and earlier.result != job.result and not complete(store, earlier.result):
        store.receipts.replace(receipt)


def rewrite_receipt(store: BlobStore, job: Job) -> None:
    """Writes the receipt of an order anew, after a person has fetched its result again or said what it cost. One of
    another order for the same thing stays as it is.

    Raises:
        WorkFailed: `receipt_damaged`; else as `write_receipt`.
    """
    known = store.receipts.find(job.fingerprint)
    if known is None:
        write_receipt(store, job)
        return
    receipt = receipt_of(job, known.by)
    if (known.at, known.ids) == (receipt.at, receipt.ids) and known != receipt:
        store.receipts.replace(receipt)


def write_missing_receipts(journal: Journal, store: BlobStore) -> None:
    """Writes the receipts of orders of this machine that have none: it was killed before, or they are older.

    Raises:
        WorkFailed: as `write_receipt`.
    """
    present = set(store.receipts.list_fingerprints())
    missing = journal.jobs.list_results().keys() - present
    for fingerprint in sorted(missing):
        job = journal.jobs.find_bought(fingerprint)
        if job is not None and job.state in OWNED:
            write_receipt(store, job)

"""Receipts: written once, the same for the same facts, and believed only as far as they are what we write."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import WorkFailed
from bridge.store.blobs import BlobStore
from bridge.store.receipts import (
    Receipt,
    ReceiptCost,
    Receipts,
    decode_receipt,
    encode_receipt,
    receipt_name,
)

FINGERPRINT = "f1:" + "ab" * 20
RECEIPT = Receipt(
    FINGERPRINT,
    "cd" * 32,
    "pixellab",
    "pixflux",
    "art/hero",
    "image/1",
    "2026-03-01T12:00:00Z",
    7,
    {"job": "0b"},
    ReceiptCost("generations", Decimal(1), is_reported=True),
    "Ada",
)
TEXTS = st.text(max_size=20).filter(lambda text: "<<<<<<<" not in text)
RECEIPTS = st.builds(
    Receipt,
    st.just(FINGERPRINT),
    st.just("cd" * 32),
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")),
    st.none() | st.integers(-(2**31), 2**31),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
    st.none()
    | st.builds(ReceiptCost, TEXTS, st.none() | st.decimals(0, 10**6, allow_nan=False, places=3), st.booleans()),
    TEXTS,
)


@given(RECEIPTS)
def test_what_is_written_is_what_is_read(receipt: Receipt) -> None:
    data = encode_receipt(receipt)
    assert decode_receipt(data) == receipt
    assert encode_receipt(decode_receipt(data)) == data


def test_a_receipt_is_written_once(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path, "store")
    assert receipts.find(FINGERPRINT) is None
    assert receipts.write(RECEIPT)
    assert not receipts.write(replace(RECEIPT, by="Bob"))
    assert receipts.find(FINGERPRINT) == RECEIPT
    assert list(receipts.list_fingerprints()) == [FINGERPRINT]
    assert [path.name for path in (tmp_path / "store/receipts").iterdir()] == [receipt_name(FINGERPRINT)]
    assert ":" not in receipt_name(FINGERPRINT)
    receipts.replace(replace(RECEIPT, by="Bob"))
    assert receipts.list_all() == ([replace(RECEIPT, by="Bob")], [])


@pytest.mark.parametrize("fingerprint", ["", "f1:", "../../../etc/passwd", "f1:" + "g" * 40, "f1:" + "a" * 39 + "/"])
def test_what_is_no_fingerprint_is_looked_for_nowhere(tmp_path: Path, fingerprint: str) -> None:
    assert Receipts(tmp_path).find(fingerprint) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"result": "cd" * 31},
        {"result": "../" * 20},
        {"fingerprint": "f1:" + "0" * 40},
        {"at": "yesterday"},
        {"ids": {"job": 1}},
        {"ids": []},
        {"seed": "7"},
        {"seed": True},
        {"cost": {"unit": "usd", "amount": "-1", "reported": True}},
        {"cost": {"unit": "usd", "amount": "NaN", "reported": True}},
        {"cost": {"unit": "usd", "amount": 1, "reported": True}},
        {"cost": {"unit": "usd"}},
        {"cost": "free"},
        {"provider": None},
        {"version": 0},
        {"version": 2},
    ],
)
def test_what_we_do_not_write_is_one_error_with_the_way_out(tmp_path: Path, changes: dict[str, object]) -> None:
    receipts = Receipts(tmp_path)
    receipts.write(RECEIPT)
    path = tmp_path / "receipts" / receipt_name(FINGERPRINT)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")
    with pytest.raises(WorkFailed, match="nothing is ordered in its place") as caught:
        receipts.find(FINGERPRINT)
    assert caught.value.code == "receipt_damaged"
    assert "git checkout -- " in caught.value.hint
    found, errors = receipts.list_all()
    assert (found, len(errors)) == ([], 1)


def conflict(ours: Receipt, theirs: Receipt) -> bytes:
    return b"<<<<<<< HEAD\n" + encode_receipt(ours) + b"=======\n" + encode_receipt(theirs) + b">>>>>>> side\n"


def test_of_two_sides_the_one_ordered_first_stays(tmp_path: Path) -> None:
    later = replace(RECEIPT, at="2026-03-02T08:00:00Z", by="Bob")
    assert decode_receipt(conflict(RECEIPT, later)) == decode_receipt(conflict(later, RECEIPT)) == RECEIPT
    receipts = Receipts(tmp_path)
    receipts.write(RECEIPT)
    assert not receipts.settle_conflict(FINGERPRINT)
    path = tmp_path / "receipts" / receipt_name(FINGERPRINT)
    path.write_bytes(conflict(later, RECEIPT))
    assert receipts.find(FINGERPRINT) == RECEIPT
    assert receipts.settle_conflict(FINGERPRINT)
    assert path.read_bytes() == encode_receipt(RECEIPT)


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        decode_receipt(data)
    except ValueError:
        return
    raise AssertionError("random bytes are no receipt")


def test_receipts_are_no_blobs(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"pixels")
    store.receipts.write(RECEIPT)
    assert list(store.list()) == list(store.list(sha256[:1])) == list(store.list(sha256[:5])) == [sha256]
    assert list(store.list("00" if sha256[:2] != "00" else "11")) == []

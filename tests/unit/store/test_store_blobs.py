from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import WorkFailed
from bridge.providers.api import ResultFile, StepResult
from bridge.store import results
from bridge.store.blobs import BlobStore


def test_a_blob_comes_back_and_is_stored_once(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    first = store.put(b"pixels")
    assert store.put(b"pixels") == first
    assert store.get(first) == b"pixels"
    assert list(store.list()) == [first]
    assert list(store.list(first[:5])) == [first]
    assert list(store.list("zz")) == []


def test_a_missing_blob_says_so(tmp_path: Path) -> None:
    with pytest.raises(WorkFailed) as caught:
        BlobStore(tmp_path).get("0" * 64)
    assert caught.value.code == "store_missing"


@pytest.mark.parametrize("damage", [b"", b"pixelz", b"pixels and more"])
def test_a_damaged_blob_is_noticed_and_mended_by_the_next_put(tmp_path: Path, damage: bytes) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"pixels")
    path = tmp_path / sha256[:2] / sha256[2:]
    path.write_bytes(damage)
    with pytest.raises(WorkFailed) as caught:
        store.get(sha256)
    assert caught.value.code == "store_corrupt"
    if len(damage) != len(b"pixels"):
        store.put(b"pixels")
        assert store.get(sha256) == b"pixels"


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=64)), max_size=4))
def test_results_round_trip(tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]]) -> None:
    store = BlobStore(tmp_path_factory.mktemp("store"))
    result = StepResult(
        tuple(ResultFile(name, "image/png", data) for name, data in files), meta={"frame": [8, 8], "name": "ü"}
    )
    sha256 = results.save(store, result)
    assert results.load(store, sha256) == result
    assert results.complete(store, sha256)


def test_a_result_without_one_of_its_files_is_not_complete(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = results.save(store, StepResult((ResultFile("a.png", "image/png", b"data"),)))
    file = next(blob for blob in store.list() if blob != sha256)
    (tmp_path / file[:2] / file[2:]).unlink()
    assert not results.complete(store, sha256)
    assert not results.complete(store, "0" * 64)


def test_a_pointer_of_git_lfs_is_told_as_what_it_is(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    name = store.put(b"picture")
    path = next(path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 7\n")
    with pytest.raises(WorkFailed, match="pointer of Git LFS") as caught:
        store.get(name)
    assert caught.value.code == "store_missing"
    assert "git lfs pull" in caught.value.hint

"""ZIP archives from the network: what is sensible is read, everything else is one clear error."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.http.archive import read_zip
from bridge.http.outcome import TransportError


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def refused(data: bytes, kind: str, **limits: int) -> str:
    with pytest.raises(TransportError) as caught:
        read_zip(data, **limits)
    assert caught.value.kind == kind
    return caught.value.detail


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_by_name_without_folders(method: int) -> None:
    files = {"b/south.png": b"two", "a.json": b"{}", "empty.txt": b"", "bäume/ä.png": b"three"}
    data = packed({"b/": b"", **files}, method)

    assert read_zip(data) == files
    assert list(read_zip(data)) == list(files)


def test_an_empty_archive_is_empty() -> None:
    assert read_zip(packed({})) == {}


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "//host/share",
        "../up.png",
        "a/../../up.png",
        "a/..",
        "C:/x.png",
        "c:x.png",
        "a\\b.png",
        "a\nb.png",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    refused(packed({"fine.png": b"1", name: b"2"}), "unsafe")


@pytest.mark.parametrize("name", ["a..b.png", "..a/b..png", "...", "ab:c.png"])
def test_names_that_only_look_odd_are_read(name: str) -> None:
    assert read_zip(packed({name: b"1"})) == {name: b"1"}


def test_a_nul_hides_nothing() -> None:
    data = packed({"a.pngXb.exe": b"1"}).replace(b"a.pngXb", b"a.png\0b")
    refused(data, "unsafe")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.create_system = 3
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    refused(stream.getvalue(), "unsafe")


def test_two_files_of_one_name_are_refused() -> None:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.png", "1")
        archive.writestr("a.png", "2")
    assert "same name" in refused(stream.getvalue(), "unsafe")


def test_encrypted_files_are_refused() -> None:
    data = bytearray(packed({"a.png": b"1"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refused(bytes(data), "unsafe")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packings_are_refused(method: int) -> None:
    refused(packed({"a.png": b"1"}, method), "unsafe")


def test_a_bomb_is_too_large() -> None:
    refused(packed({"zeros": bytes(30_000_000)}), "too_large")


def test_many_small_bombs_are_too_large() -> None:
    refused(packed({f"zeros{number}": bytes(900_000) for number in range(40)}), "too_large")


def test_a_size_that_lies_helps_nobody() -> None:
    data = bytearray(packed({"zeros": bytes(30_000_000)}))
    for field in (data.index(b"PK\x01\x02") + 24, data.index(b"PK\x03\x04") + 22):
        data[field : field + 4] = (10).to_bytes(4, "little")
    with pytest.raises(TransportError):
        read_zip(bytes(data))


def test_small_files_may_shrink_as_they_like() -> None:
    assert len(read_zip(packed({"blank.bmp": bytes(900_000)}))["blank.bmp"]) == 900_000


def test_limits_are_those_that_were_asked_for() -> None:
    files = {f"{number}.png": bytes([number]) * 100 for number in range(5)}
    data = packed(files, zipfile.ZIP_STORED)

    assert read_zip(data, most_entries=5, most_bytes=500) == files
    refused(data, "too_large", most_entries=4)
    refused(data, "too_large", most_bytes=499)


@pytest.mark.parametrize("data", [b"", b"PK", b"<html></html>", packed({"a.png": b"1" * 500})[:-30]])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    assert "damaged" in refused(data, "unsafe")


def outcome(data: bytes) -> str:
    try:
        files = read_zip(data)
    except TransportError as error:
        return error.kind
    return "read" if sum(map(len, files.values())) <= 1_000_000 else "more than it may"


SAMPLE = packed({"a/south.png": bytes(range(256)) * 4, "meta.json": b'{"frames": 4}' * 20, "b/": b""})


@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=6), st.integers(0, 40))
def test_damage_is_never_more_than_an_error(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SAMPLE[: len(SAMPLE) - cut])
    for place, value in changes:
        if place < len(data):
            data[place] = value
    assert outcome(bytes(data)) in ("read", "unsafe", "too_large")

"""OGG by the optional extra: equal sound, equal bytes; clear errors without it."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from bridge.core.errors import UserError, WorkFailed
from bridge.media import audio
from bridge.media.audio import encode_ogg, page_checksum, require_ogg, with_serial
from bridge.media.audio_encoder import NO_LIBRARY

RATE = 44100


def tone(seconds: float) -> Any:
    time = np.arange(int(RATE * seconds)) / RATE
    wave = (np.sin(2 * np.pi * 440 * time) * 12000).astype(np.int16)
    return np.stack([wave, wave // 2], axis=1)


@pytest.fixture(name="library")
def _library() -> Any:
    return pytest.importorskip("soundfile")


def test_ogg_is_readable_and_repeatable(library: Any) -> None:
    samples = tone(3)
    data = encode_ogg(samples, RATE)
    assert data is not None
    assert data == encode_ogg(samples, RATE)
    read, rate = library.read(io.BytesIO(data), dtype="int16")
    assert rate == RATE
    assert read.shape == samples.shape
    assert np.abs(read[2000:-2000].astype(int) - samples[2000:-2000]).mean() < 400


def test_another_serial_still_reads(library: Any) -> None:
    data = encode_ogg(tone(1), RATE)
    assert data is not None
    other = with_serial(data, 7)
    assert other != data
    assert with_serial(other, audio.SERIAL) == data
    assert library.read(io.BytesIO(other))[0].shape == (RATE, 2)


def test_checksum_of_a_known_page() -> None:
    """Bit by bit as RFC 3533 describes it."""
    page = b"OggS" + bytes(range(40))
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = ((register << 1) ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
    assert page_checksum(page) == register


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "find_spec", lambda _name: None)
    assert encode_ogg(tone(0.1), RATE) is None
    with pytest.raises(UserError) as caught:
        require_ogg()
    assert caught.value.code == "missing_extra"
    assert "assetbridge[audio]" in caught.value.hint


@pytest.mark.parametrize("code", [-11, 1])
def test_a_broken_encoder_is_one_error(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(audio, "find_spec", lambda _name: object())
    monkeypatch.setattr(subprocess, "run", lambda *a, **_k: subprocess.CompletedProcess(a, code, b"", b""))
    with pytest.raises(WorkFailed) as caught:
        encode_ogg(tone(0.1), RATE)
    assert caught.value.code == "export_failed"


def test_a_library_that_does_not_load_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "find_spec", lambda _name: object())
    monkeypatch.setattr(subprocess, "run", lambda *a, **_k: subprocess.CompletedProcess(a, NO_LIBRARY, b"", b""))
    assert encode_ogg(tone(0.1), RATE) is None


def test_an_endless_encoder_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "find_spec", lambda _name: object())

    def endless(*_args: Any, **_keys: Any) -> None:
        raise subprocess.TimeoutExpired(sys.executable, 1)

    monkeypatch.setattr(subprocess, "run", endless)
    with pytest.raises(WorkFailed):
        encode_ogg(tone(0.1), RATE)


def test_no_pages_is_an_error() -> None:
    with pytest.raises(WorkFailed):
        with_serial(b"RIFF" + bytes(64), 1)

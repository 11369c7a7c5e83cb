"""Own recordings: WAV in every width, compressed ones with the extra."""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from bridge.core.errors import UserError
from tests.unit.providers.files_project import OwnArt

RATE = 22050
SPEC = 'kind = "music"\nsource = "town.EXT"\n'
WAVE = np.stack([np.arange(-3000, 3000, 7), np.arange(3000, -3000, -7)], axis=1).astype(np.int16)


@pytest.fixture
def art(tmp_path: Path) -> OwnArt:
    return OwnArt(tmp_path)


def wav(samples: np.ndarray, width: int) -> bytes:
    """Samples in 16 bits as WAV with other widths; what is added below is noise that 16 bits must not show."""
    wide = samples.astype(np.int64)
    if width == 1:
        raw = ((wide >> 8) + 128).astype(np.uint8).tobytes()
    else:
        values = ((wide << 8 * (width - 2)) + (3 if width > 2 else 0)).astype("<i8").ravel()
        raw = values.view(np.uint8).reshape(-1, 8)[:, :width].tobytes()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(RATE)
        file.writeframes(raw)
    return buffer.getvalue()


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_any_width_becomes_sixteen_bits(art: OwnArt, width: int) -> None:
    art.write("town.wav", wav(WAVE, width))
    asset = art.asset(SPEC.replace("EXT", "wav"))
    assert asset.rate == RATE
    assert asset.samples.dtype == np.int16
    wanted = WAVE // 256 * 256 if width == 1 else WAVE
    assert np.array_equal(asset.samples, wanted)


@pytest.mark.parametrize("kind", ["FLAC", "OGG"])
def test_compressed_sound_is_read_with_the_extra(art: OwnArt, kind: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    buffer = io.BytesIO()
    soundfile.write(buffer, WAVE, RATE, format=kind)
    art.write(f"town.{kind.lower()}", buffer.getvalue())
    asset = art.asset(SPEC.replace("EXT", kind.lower()))
    assert asset.samples.shape == WAVE.shape
    assert kind != "FLAC" or np.array_equal(asset.samples, WAVE)


def test_without_the_extra_the_way_out_is_named(art: OwnArt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    art.write("town.ogg", b"OggS" + bytes(60))
    with pytest.raises(UserError) as raised:
        art.asset(SPEC.replace("EXT", "ogg"))
    assert raised.value.code == "missing_extra"
    assert "assetbridge[audio]" in raised.value.hint


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"RIFF\x00\x00", "no readable WAV"),
        (wav(WAVE, 2)[:-100], "cut off"),
        (wav(WAVE[:0], 2), "no sound"),
        (wav(WAVE, 2).replace(b"fmt ", b"xxx "), "no readable WAV"),
    ],
)
def test_broken_wav_is_named_with_the_reason(art: OwnArt, data: bytes, words: str) -> None:
    art.write("town.wav", data)
    with pytest.raises(UserError) as raised:
        art.asset(SPEC.replace("EXT", "wav"))
    assert raised.value.code == "source_broken"
    assert "town.wav" in raised.value.message
    assert words in raised.value.message


def test_broken_compressed_sound_is_named(art: OwnArt) -> None:
    pytest.importorskip("soundfile")
    art.write("town.ogg", b"OggS" + bytes(60))
    with pytest.raises(UserError, match=r"town\.ogg"):
        art.asset(SPEC.replace("EXT", "ogg"))

"""What the benchmarks print: figures with their bars, floors and peers; and how commands are measured."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.measure import Command, Measured, Peer, Row, process, side_by_side
from tests.benchmarks.table import bars_text, peers_text, table

TIME = Row(
    "cold",
    Measured((250.0, 260.0, 270.0), 50.0, 240.0),
    300,
    Measured((130.0,)),
    "reading alone",
    (Peer("quick", 520.0), Peer("cheat", 100.0, fair=False), Peer("gone", None, "needs a gone thing")),
    point=1,
    subject="frames",
)
FULL = Row(
    "full",
    Measured((91.0,)),
    92,
    peers=(Peer("quick", 45.5), Peer("cheat", 99.0, fair=False), Peer("gone", None, "needs a gone thing")),
    unit="%",
    more_is_better=True,
    point=3,
    subject="frames",
)


def line_with(text: str, start: str) -> list[str]:
    """The cells of the only line that begins so."""
    (line,) = [line for line in text.splitlines() if line.startswith(start)]
    return [cell for cell in line.split("  ") if cell]


def test_a_line_has_bar_floor_and_best_peer_with_their_ratios() -> None:
    cells = [cell.strip() for cell in line_with(table([TIME, FULL]), "frames: cold")]
    assert cells == ["frames: cold", "260 (250–270) ms", "240", "50", "≤ 300 ok", "130", "2.00", "520 quick", "0.50"]


def test_more_can_be_better() -> None:
    cells = [cell.strip() for cell in line_with(table([TIME, FULL]), "frames: full")]
    assert cells == ["frames: full", "91 %", "≥ 92 MISSED", "45.5 quick", "2.00"]


def test_who_did_less_is_not_the_best() -> None:
    assert TIME.best == Peer("quick", 520.0)
    assert FULL.best == Peer("quick", 45.5)
    assert Row("alone", Measured((1.0,))).best is None


def test_bars_are_reached_exactly() -> None:
    assert Row("most", Measured((300.0,)), 300).holds
    assert not Row("most", Measured((300.1,)), 300).holds
    assert Row("least", Measured((92.0,)), 92, more_is_better=True).holds
    assert not Row("least", Measured((91.9,)), 92, more_is_better=True).holds


def test_peers_stand_beside_ours_and_the_absent_say_why() -> None:
    text = peers_text([TIME, FULL, Row("without", Measured((1.0,)))])
    assert [cell.strip() for cell in line_with(text, "frames ")] == ["frames", "cold ms", "full %"]
    assert [cell.strip() for cell in line_with(text, "assetbridge")] == ["assetbridge", "260", "91"]
    assert [cell.strip() for cell in line_with(text, "cheat")] == ["cheat", "100*", "99*"]
    assert line_with(text, "gone") == ["gone: needs a gone thing"]
    assert "without" not in text


def test_bars_tell_what_holds_what_does_not_and_what_was_not_measured() -> None:
    text = bars_text([TIME, FULL])
    assert "frames: cold: 260 ms (bar ≤ 300)" in text
    assert "MISSED" in "".join(line_with(text, " 3"))
    assert "tests/engines" in "".join(line_with(text, "12"))
    assert text.splitlines()[-1] == (
        "1 of the 2 bars measured here hold; missed: 3; not measured: 2, 4, 5, 6, 7, 8, 9, 10, 11"
    )


def test_a_bar_holds_only_with_all_its_figures() -> None:
    slow = Row("slow", Measured((301.0,)), 300, point=1)
    assert bars_text([TIME, slow]).splitlines()[-1].startswith("0 of the 1 bars measured here hold; missed: 1;")


def test_a_row_without_a_bar_is_not_counted_as_one() -> None:
    assert bars_text([Row("more", Measured((1.0,)), point=1)]).splitlines()[-1].startswith("0 of the 0 bars")


def test_a_small_child_of_a_large_parent_is_measured_as_small(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("the system does not tell peak memory")
    ballast = bytearray(150 << 20)
    ballast[:: 1 << 12] = b"x" * len(ballast[:: 1 << 12])  # every page is really taken
    peak = process([sys.executable, "-I", "-S", "-c", "pass"], tmp_path, 1, warm=False).peak
    assert 0 < peak < 100


def test_a_failing_command_is_a_line_and_the_others_go_on(tmp_path: Path) -> None:
    quiet = [sys.executable, "-I", "-S", "-c"]
    found = side_by_side(
        {
            "fails": Command([*quiet, "raise SystemExit('no such thing: error 7')"], 1),
            "absent": Command(["no-such-program-here"], 1),
            "hangs": Command([*quiet, "import time; time.sleep(60)"], 1, limit=0.2),
            "works": Command([*quiet, "pass"], 2),
        },
        tmp_path,
    )
    assert "error 7" in str(found["fails"])
    assert "no-such-program-here" in str(found["absent"])
    assert "longer than" in str(found["hangs"])
    works = found["works"]
    assert isinstance(works, Measured)
    assert len(works.runs) == 2


def test_what_must_not_fail_says_how_it_did(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        process([sys.executable, "-I", "-S", "-c", "raise SystemExit(3)"], tmp_path, 1)

"""Debouncing with a clock of its own: nothing here waits."""

from __future__ import annotations

from bridge.core.file_stat import Stamp
from bridge.watch.debounce import Debouncer, DebounceTiming

TIMING = DebounceTiming(quiet=0.04, cap=0.5)


def stamp(content: str) -> Stamp:
    return Stamp(len(content), 0, 0, content)


class Disk:
    """Files that a test changes between two looks."""

    def __init__(self, **files: str) -> None:
        self.files = files
        self.debouncer = Debouncer(TIMING, lambda path: stamp(self.files[path]) if path in self.files else None)

    def run(self, now: float, until: float) -> list[tuple[float, set[str]]]:
        """Looks whenever it is due; (time, paths) of all that came to rest."""
        rests = []
        while (due := self.debouncer.next_look()) is not None and due <= until:
            now = max(now, due)
            settled = self.debouncer.take_settled(now)
            if settled:
                rests.append((round(now, 3), set(settled)))
        return rests


def test_nothing_is_due_while_nothing_happened() -> None:
    assert Disk().debouncer.next_look() is None


def test_a_save_rests_after_the_quiet_time() -> None:
    disk = Disk(a="one")
    disk.debouncer.note_change("a", 10.0)
    assert disk.run(10.0, 11.0) == [(10.04, {"a"})]
    assert not disk.debouncer


def test_a_burst_is_reported_at_once() -> None:
    disk = Disk(**{f"f{number}": "text" for number in range(200)})
    for number in range(200):
        disk.debouncer.note_change(f"f{number}", number * 0.001)
    assert disk.run(0.2, 1.0) == [(0.239, set(disk.files))]


def test_endless_events_end_at_the_cap() -> None:
    disk = Disk(a="one", b="noise")
    disk.debouncer.note_change("a", 0.0)
    rests = []
    for tick in range(1, 100):
        disk.debouncer.note_change("b", tick * 0.01)
        rests += disk.run(tick * 0.01, tick * 0.01)
    assert rests[0][0] <= 0.55
    assert "a" in rests[0][1]


def test_what_is_still_being_written_waits() -> None:
    disk = Disk(a="one")
    disk.debouncer.note_change("a", 0.0)
    assert disk.debouncer.take_settled(0.02) == {}
    disk.files["a"] = "one two"
    assert disk.debouncer.take_settled(0.04) == {}
    assert disk.debouncer.take_settled(0.06) == {"a": stamp("one two")}


def test_a_file_without_end_is_not_read_all_the_time() -> None:
    disk = Disk(a="")
    disk.debouncer.note_change("a", 0.0)
    looks, now = 0, 0.0
    while (due := disk.debouncer.next_look()) is not None and due < 5.0:
        now = max(now, due)
        disk.files["a"] += "x"
        assert disk.debouncer.take_settled(now) == {}
        looks += 1
    assert looks < 300


def test_a_vanished_or_emptied_file_gets_the_whole_cap() -> None:
    for files in ({}, {"a": ""}):
        disk = Disk(**files)
        disk.debouncer.note_change("a", 0.0)
        assert disk.run(0.0, 0.4) == []
        assert [paths for _, paths in disk.run(0.4, 1.0)] == [{"a"}]


def test_a_file_that_comes_back_is_reported_once_with_its_new_content() -> None:
    disk = Disk()
    disk.debouncer.note_change("a", 0.0)
    assert disk.run(0.0, 0.1) == []
    disk.files["a"] = "back"
    disk.debouncer.note_change("a", 0.1)
    assert [paths for _, paths in disk.run(0.1, 1.0)] == [{"a"}]


def test_a_patient_path_does_not_hold_the_others() -> None:
    disk = Disk(b="two")
    disk.debouncer.note_change("gone", 0.0)
    disk.debouncer.note_change("b", 0.0)
    assert disk.run(0.0, 0.1) == [(0.04, {"b"})]

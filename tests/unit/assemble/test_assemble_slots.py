from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.assemble.slots import SlotTable

NAMES = st.lists(st.sampled_from("abcdefghij"), max_size=12)


@given(NAMES, NAMES)
def test_a_slot_once_given_never_moves_and_is_never_shared(first: list[str], second: list[str]) -> None:
    slots = SlotTable()
    before = {name: slots.get(name) for name in first}
    later = SlotTable(slots.table)
    after = {name: later.get(name) for name in second}
    assert all(later.table[name] == cell for name, cell in before.items())
    cells = [cell for key, cell in later.table.items() if not key.startswith(":")]
    assert len(set(cells)) == len(cells)
    assert set(after) == set(second)


def test_new_slots_come_after_all_in_use() -> None:
    slots = SlotTable({"a": 0, "gone": 5})
    assert slots.get("b") == 6


def test_columns_are_fixed_by_the_first_build() -> None:
    slots = SlotTable()
    assert slots.fix_columns(8) == 8
    assert SlotTable(slots.table).fix_columns(4) == 8


def test_numbers_of_names_keep_their_order_of_first_use() -> None:
    slots = SlotTable()
    assert [slots.number_of("terrain", name) for name in ("water", "sand", "water", "grass")] == [0, 1, 0, 2]
    assert slots.names_of("terrain") == ["water", "sand", "grass"]
    assert slots.end == 0

"""Places in sheets that never move: users' maps store them, so a slot once given is never given to anything else."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS = ":columns"


class SlotTable:
    """The slot table of one asset: key → cell number. Keys that begin with `:` are facts, not cells."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        self.table: dict[str, int] = dict(known or {})
        self._used = {cell for key, cell in self.table.items() if not key.startswith(":")}

    def fix_columns(self, wanted: int) -> int:
        """The number of columns: what the spec said first stays for ever, because ids are positions."""
        return self.table.setdefault(COLUMNS, wanted)

    def get(self, key: str) -> int:
        """The cell of `key`, or a new one after every cell in use."""
        if key not in self.table:
            self.put(key, self.end)
        return self.table[key]

    def put(self, key: str, cell: int) -> None:
        """Gives `key` this free cell."""
        if cell in self._used:
            raise AssertionError(f"cell {cell} is taken")
        self.table[key] = cell
        self._used.add(cell)

    def drop(self, key: str) -> None:
        """Frees a cell that no user can have stored (frames of animations)."""
        self._used.discard(self.table.pop(key))

    def is_free(self, cell: int) -> bool:
        """Whether nothing has this cell."""
        return cell not in self._used

    @property
    def end(self) -> int:
        """The first cell after all in use."""
        return max(self._used, default=-1) + 1

    def number_of(self, kind: str, name: str) -> int:
        """A lasting number for a name of some kind (terrain colours), counted from 0 in order of first use."""
        key = f":{kind}/{name}"
        if key not in self.table:
            self.table[key] = 1 + max(
                (value for known, value in self.table.items() if known.startswith(f":{kind}/")), default=-1
            )
        return self.table[key]

    def names_of(self, kind: str) -> list[str]:
        """The names of a kind in order of their numbers."""
        prefix = f":{kind}/"
        numbered = [(value, key.removeprefix(prefix)) for key, value in self.table.items() if key.startswith(prefix)]
        return [name for _, name in sorted(numbered)]

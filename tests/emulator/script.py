"""Which request meets which fault: by its number, by its route, or by chance from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256

from tests.emulator.faults import Fault


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a script.

    route: a pattern on "METHOD path" (without the base path), as "POST /create-*"; "" for every request.
    nth: the how-manieth match it strikes, from 0; None for all. count: how many matches from `nth` on.
    chance: strikes a match with this probability, decided by the script's seed and the request's number.
    """

    fault: Fault
    route: str = ""
    nth: int | None = None
    count: int = 1
    chance: float = 1.0


class Script:
    """An ordered list of rules; the first that strikes wins."""

    def __init__(self, rules: Sequence[Rule] = (), seed: int = 0) -> None:
        self._rules = list(rules)
        self._matched = [0] * len(self._rules)
        self._seed = seed

    def at(self, index: int, fault: Fault, count: int = 1) -> None:
        """`fault` strikes the request with this number, counted from 0 over all requests after this call."""
        self.add(Rule(fault, nth=index, count=count))

    def on(self, route: str, fault: Fault, nth: int | None = None, count: int = 1) -> None:
        """`fault` strikes the nth request of a route from now on; without `nth`, all of them."""
        self.add(Rule(fault, route, nth, count))

    def add(self, rule: Rule) -> None:
        """Appends a rule; it counts matches from now on."""
        self._rules.append(rule)
        self._matched.append(0)

    def clear(self) -> None:
        """From now on nothing fails."""
        self._rules.clear()
        self._matched.clear()

    def next(self, index: int, route: str) -> Fault | None:
        """The fault of the request `index` to `route`; to be asked once per request, in order."""
        struck: Fault | None = None
        for number, rule in enumerate(self._rules):
            if rule.route and not fnmatchcase(route, rule.route):
                continue
            match = self._matched[number]
            self._matched[number] += 1
            wanted = rule.nth is None or rule.nth <= match < rule.nth + rule.count
            if struck is None and wanted and self._draw(number, index) < rule.chance:
                struck = rule.fault
        return struck

    def _draw(self, number: int, index: int) -> float:
        bits = sha256(f"{self._seed}/{number}/{index}".encode()).digest()[:4]
        return int.from_bytes(bits, "big") / 2**32

"""Which specs there are, in which order they need each other, and who uses whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bridge.spec.spec_graph import graph_order

if TYPE_CHECKING:
    from bridge.core.errors import UserError
    from bridge.spec.load import Loaded


class SpecGraph:
    """Specs by id. Who uses whom is known of the assets that could be evaluated: see `link`."""

    def __init__(self) -> None:
        self._specs: dict[str, Loaded] = {}
        self._order: tuple[str, ...] = ()
        self._cycles: dict[str, UserError] = {}
        self._upstream: dict[str, tuple[str, ...]] = {}
        self._users: dict[str, set[str]] = {}

    @property
    def specs(self) -> Mapping[str, Loaded]:
        """Every spec that can be read, by its id."""
        return self._specs

    @property
    def order(self) -> tuple[str, ...]:
        """All ids, the used before their users."""
        return self._order

    @property
    def cycles(self) -> Mapping[str, UserError]:
        """The assets that need themselves, each with what is to be said of it."""
        return self._cycles

    def take_specs(self, loaded: Iterable[Loaded]) -> None:
        """These are all specs there are."""
        specs = list(loaded)
        self._specs = {spec.id: spec for spec in specs}
        order, self._cycles = graph_order(specs)
        self._order = tuple(order)

    def replace_specs(self, loaded: Iterable[Loaded]) -> None:
        """These specs hold something else; each refers to what it referred to before, so that the order stays."""
        self._specs.update((spec.id, spec) for spec in loaded)

    def link(self, asset_id: str, upstream: tuple[str, ...]) -> None:
        """An asset uses these."""
        self.unlink(asset_id)
        self._upstream[asset_id] = upstream
        for used in upstream:
            self._users.setdefault(used, set()).add(asset_id)

    def unlink(self, asset_id: str) -> None:
        """What an asset uses is not known any more; who uses it stays."""
        for used in self._upstream.pop(asset_id, ()):
            self._users[used].discard(asset_id)

    def users_of(self, asset_id: str) -> Iterable[str]:
        """The assets that use this one themselves."""
        return self._users.get(asset_id, ())

    def with_users(self, ids: Iterable[str]) -> set[str]:
        """These assets and all that use them."""
        reached: set[str] = set()
        todo = list(ids)
        while todo:
            asset_id = todo.pop()
            if asset_id not in reached:
                reached.add(asset_id)
                todo += self._users.get(asset_id, ())
        return reached

    def with_upstream(self, ids: Iterable[str]) -> set[str]:
        """These assets and all that they use."""
        reached: set[str] = set()
        todo = list(ids)
        while todo:
            asset_id = todo.pop()
            if asset_id not in reached:
                reached.add(asset_id)
                todo += [used for used in self._upstream.get(asset_id, ()) if used in self._specs]
        return reached

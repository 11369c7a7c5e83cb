"""What an account of a provider has left, as a run knows it: asked once, and counted on from there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from bridge.http.outcome import TransportError
from bridge.orders import account_units, failures

if TYPE_CHECKING:
    from bridge.orders.runner.session import OrderContext, ProviderSession
    from bridge.orders.tables.accounts import HeardBalance


async def hear_balance(context: OrderContext, session: ProviderSession, *, since: float = 0.0) -> None:
    """Asks what an account has left, where that is not known by now. Without a connection the session is closed.

    since: what was heard of by then is too old.
    """
    name, account = session.access.provider.name, session.access.key.fingerprint
    async with session.asking:
        known = _load_balance(context, session)
        if session.closed is not None or (known is not None and known.at > since):
            return
        try:
            balance = await session.access.provider.balance(session.connection)
        except TransportError as error:
            if error.kind == "offline":
                # What cannot be asked for nothing cannot be ordered from either.
                session.closed = failures.describe_offline(name, error.detail)
            return
        session.has_balance = True
        context.journal.accounts.save_balance(name, account, balance.amounts, balance.reserved)


def read_left(
    context: OrderContext, session: ProviderSession
) -> tuple[Mapping[str, Decimal], Mapping[str, Decimal]] | None:
    """What is left on an account by unit at least (without what is on its way, or may have been charged) and at most;
    None where the provider does not say. Nothing is waited for.
    """
    name, known = session.access.provider.name, _load_balance(context, session)
    if known is None:
        return None
    amounts = {unit: Decimal(amount) for unit, amount in known.amounts.items()}
    return (
        account_units.sum_left(context.journal, name, amounts, known.at),
        account_units.sum_most_left(context.journal, name, amounts, known.at),
    )


def _load_balance(context: OrderContext, session: ProviderSession) -> HeardBalance | None:
    """What an account had when this run has asked, or a moment before; None where neither is known."""
    known = context.journal.accounts.load_balance(session.access.provider.name, session.access.key.fingerprint)
    is_old = known is not None and context.clock.now() - known.at > account_units.RECENT_S
    return None if is_old and not session.has_balance else known

"""The previous closes that a trade date is measured from. A change within the date is worth a line in the log."""

from __future__ import annotations

import logging
from datetime import date

log = logging.getLogger(__name__)


class Bases:
    """Base price by symbol, of one trade date."""

    def __init__(self) -> None:
        self.trade_date: date | None = None
        self._prices: dict[str, float] = {}

    def turn_to(self, trade_date: date | None) -> bool:
        """Forget those of another date; whether there was a turn."""
        if trade_date == self.trade_date:
            return False
        self.trade_date, self._prices = trade_date, {}
        return True

    def note(self, symbol: str, base: float | None) -> None:
        """Take what a reply says; None says nothing."""
        if base is None:
            return
        before = self._prices.get(symbol)
        if before is not None and before != base:
            log.warning("base changed symbol=%s trade_date=%s was=%s now=%s", symbol, self.trade_date, before, base)
        self._prices[symbol] = base

    def of(self, symbol: str) -> float | None:
        return self._prices.get(symbol)

"""The model `rule_text`: trade as the rules say, on what could be known, at prices that could be had.

- A buy needs a signal that is actionable, so the gates R1, R4, R5, missing data and the session all count. What was
  said stands until something else is said: a buy that found no price is tried again while its signal stands.
- What is decided at a frame is filled at the next: a bar's open (the last price, with ticks), worse by the slippage.
- A symbol that has no price of its own in that frame (missing, carried, suspect) is not bought; a sale waits for one.
- The stop is on the entry price and looks at closes. Whether a bar's low came before or after its other prices cannot
  be known, a fill exactly at the line is not to be had, and live the rule sees one price per frame as well.
- Twins are sold when they have converged; that is never gated. A stopped ticker is not bought again that day.
- In a falling market the defensives are bought: gold must have decided for the day and they must be off the stop line.
- At the real close, early ones included, everything is sold at its last price. Nothing is decided in that frame: what
  it would lead to could only be filled tomorrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from processors.portfolio import ledger as books
from processors.portfolio.ledger import Ledger
from processors.portfolio.market import Cut, Market, fill_price
from processors.portfolio.model import Lane
from processors.portfolio.signals import BEARISH, CONDITIONAL, GOLD, STOP_LOSS, TWINS, Edge
from schemas.book import Book
from schemas.parameters import Parameters
from schemas.results import Trade
from schemas.runs import Model
from schemas.ticks import SessionRecord


class Wish(msgspec.Struct, frozen=True, gc=False):
    """Why something is to be bought or sold."""

    reason: str
    event_id: str | None = None


class RuleTextLane(Lane):
    """What stands, and what waits for the next frame."""

    twins: dict[str, Edge] = {}  # by pair
    target: Edge | None = None
    regime: Edge | None = None
    off_stop_line: set[str] = set()
    wanted: dict[str, Wish] = {}  # by symbol, in the order of the rules
    converged: dict[str, Wish] = {}
    buying: dict[str, Wish] = {}
    selling: dict[str, Wish] = {}
    stopped: set[str] = set()


@dataclass(frozen=True, slots=True)
class RuleText:
    """`slippage_pct` of the price, against us, at every fill."""

    slippage_pct: float = 0.0
    model: Model = Model.RULE_TEXT
    gating: str = "rule_text"
    lane_type: type[RuleTextLane] = RuleTextLane
    gathers_bars: bool = False

    def lane(self, ledger: Ledger, parameters: Parameters, version: int) -> RuleTextLane:
        return RuleTextLane(ledger=ledger, parameters=parameters, version=version)

    def copied(self, lane: RuleTextLane) -> RuleTextLane:
        return msgspec.structs.replace(
            lane,
            ledger=books.copied(lane.ledger),
            twins=dict(lane.twins),
            off_stop_line=set(lane.off_stop_line),
            buying=dict(lane.buying),
            selling=dict(lane.selling),
            stopped=set(lane.stopped),
        )

    def closes_at(self, record: SessionRecord) -> datetime:
        return record.closes_at

    def begin(self, lane: RuleTextLane) -> None:
        lane.banned, lane.gold_change_pct, lane.target, lane.regime = None, None, None, None
        lane.twins, lane.wanted, lane.converged, lane.buying, lane.selling = {}, {}, {}, {}, {}
        lane.off_stop_line, lane.stopped = set(), set()

    def hear(self, lane: RuleTextLane, market: Market, edges: Sequence[Edge]) -> None:
        registry, told = market.registry, False
        assert registry is not None
        for edge in edges:
            kind = edge.signal_type
            if kind == STOP_LOSS:
                if edge.subject not in registry.defensives:
                    continue  # what else is at the stop line is told by the signals that would buy it
                (lane.off_stop_line.add if edge.decision == "clear" else lane.off_stop_line.discard)(edge.subject)
            elif kind == TWINS:
                lane.twins[edge.subject] = edge
            elif kind == CONDITIONAL:
                lane.target = edge
            elif kind == BEARISH:
                lane.regime = edge
            elif kind == GOLD and lane.banned is None and edge.banned is not None:
                lane.banned, lane.gold_change_pct = edge.banned, edge.change_pct
            else:
                continue
            told = True
        if told:
            lane.wanted, lane.converged = _wanted(lane, registry), _converged(lane, registry)

    def cut(self, lane: RuleTextLane, market: Market, cut: Cut, edges: Sequence[Edge]) -> list[Trade]:
        trades: list[Trade] = []
        ledger = lane.ledger
        if lane.selling or lane.buying:
            trades = self._fill(lane, market, cut)
        if edges:
            self.hear(lane, market, edges)
        if ledger.held or trades:
            books.mark(ledger, market.marks, cut.seconds)
            if not cut.closing:
                _decide_sales(lane, cut)
        if lane.wanted or lane.buying:
            lane.buying = _free(lane)  # at the close, `close` lets them go
        return trades

    def close(self, lane: RuleTextLane, market: Market) -> list[Trade]:
        assert market.trade_date is not None
        trades = []
        for symbol in list(lane.ledger.held):
            wish = lane.selling.get(symbol) or Wish("eod_close")
            assert market.last is not None
            price = market.marks[symbol] * (1 - self.slippage_pct / 100)
            trades.append(
                books.sell(lane.ledger, symbol, price, market.last, market.trade_date, wish.reason, wish.event_id)
            )
        lane.selling, lane.buying = {}, {}
        return trades

    def _fill(self, lane: RuleTextLane, market: Market, cut: Cut) -> list[Trade]:
        """Sales first: what they bring can be spent."""
        assert market.trade_date is not None
        ledger, ticks, when = lane.ledger, cut.ticks, (cut.opened, market.trade_date)
        trades = []
        for symbol, wish in list(lane.selling.items()):
            price = fill_price(ticks.get(symbol))
            if price is not None:
                price *= 1 - self.slippage_pct / 100
                trades.append(books.sell(ledger, symbol, price, *when, wish.reason, wish.event_id))
                del lane.selling[symbol]
        for symbol, wish in lane.buying.items():
            price = fill_price(ticks.get(symbol))
            if price is not None:
                price *= 1 + self.slippage_pct / 100
                share = share_of(wish.reason, lane.parameters)
                bought = books.buy(ledger, symbol, price, share, *when, wish.reason, wish.event_id)
                trades += [bought] if bought is not None else []
        return trades


def share_of(reason: str, parameters: Parameters) -> float:
    """The share of cash that a buy for `reason` takes."""
    if reason == "twin":
        return parameters.alloc_twin
    return parameters.alloc_cond if reason == "conditional" else parameters.alloc_bear


def _wanted(lane: RuleTextLane, registry: Book) -> dict[str, Wish]:
    """What the signals that stand say to buy, in the order of the rules: twins, the target, defensives."""
    wanted = {}
    for pair in registry.pairs:
        edge = lane.twins.get(pair.key)
        if edge is not None and edge.actionable and (edge.decision or "").startswith("ENTRY"):
            wanted[pair.follow] = Wish("twin", edge.event_id)
    if lane.target is not None and lane.target.actionable:
        wanted.setdefault(registry.target, Wish("conditional", lane.target.event_id))
    if lane.regime is not None and lane.regime.decision == "down_defensive" and lane.banned is False:
        for symbol in registry.defensives:
            if symbol in lane.off_stop_line:
                wanted.setdefault(symbol, Wish("bearish", lane.regime.event_id))
    return wanted


def _converged(lane: RuleTextLane, registry: Book) -> dict[str, Wish]:
    """The followers whose gap has closed."""
    return {
        pair.follow: Wish("twin_converge", edge.event_id)
        for pair in registry.pairs
        if (edge := lane.twins.get(pair.key)) is not None and edge.decision == "SELL"
    }


def _free(lane: RuleTextLane) -> dict[str, Wish]:
    """What is wanted, but for what is held and what was stopped today."""
    held, stopped = lane.ledger.held, lane.stopped
    return {symbol: wish for symbol, wish in lane.wanted.items() if symbol not in held and symbol not in stopped}


def _decide_sales(lane: RuleTextLane, cut: Cut) -> None:
    """Stops first, then twins that have converged."""
    stop = lane.parameters.stop_loss_pct
    for symbol, position in lane.ledger.held.items():
        tick = cut.ticks.get(symbol)
        if stop is not None and tick is not None and fill_price(tick) is not None:
            assert tick.last is not None
            if (tick.last - position.price) / position.price * 100 <= stop:
                lane.stopped.add(symbol)
                lane.selling[symbol] = Wish("stop_loss")
                continue
        if symbol in lane.converged:
            lane.selling.setdefault(symbol, lane.converged[symbol])

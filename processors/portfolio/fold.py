"""The fold of a portfolio over the records of ticks and the signal events said at them, all lanes of a run at once.

Pure from outside: `step` works on a copy. What a frame brings is worked out once, then each lane reacts to it; no lane
sees another. The same records give the same trades however their frames are packed. Frames, openings and parameter
changes count and are passed over exactly as in `processors.fold`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from processors.portfolio import ledger as books
from processors.portfolio import market as markets
from processors.portfolio.fees import other, terms
from processors.portfolio.market import Market
from processors.portfolio.model import Lane, Plan, Simulation, State
from processors.portfolio.rule_text import RuleText
from processors.portfolio.signals import Signals
from processors.portfolio.v1 import V1
from schemas.parameters import Parameters
from schemas.results import DayRow, Trade
from schemas.runs import Model
from schemas.ticks import End, Frame, FrameBatch, ParametersChange, Session, SessionRecord, TickRecord


class Said(NamedTuple):
    """A trade or the row of a day, of a lane or of its twin with other fees."""

    lane: str
    twin: bool
    item: Trade | DayRow


def simulation(plan: Plan) -> Simulation[Any]:
    """The model that `plan` asks for."""
    if plan.request.model is Model.V1:
        return V1(plan.span) if plan.span is not None else V1()
    return RuleText(plan.request.slippage_pct)


def initial() -> State[Any]:
    """The state before the first record. What comes back from JSON is `State[simulation(plan).lane_type]`."""
    return State(market=Market())


def step(plan: Plan, state: State[Any], record: TickRecord, signals: Signals) -> tuple[State[Any], list[Said]]:
    """Fold in one record; `signals` holds every event that was said at its frames (it may hold more)."""
    model = simulation(plan)
    state = State(market=markets.copied(state.market), lanes=[model.copied(lane) for lane in state.lanes])
    fold = _Fold(plan, model, state)
    if isinstance(record, FrameBatch):
        for frame in record.frames:
            fold.frame(frame, signals)
    elif isinstance(record, SessionRecord):
        fold.session(record)
    elif isinstance(record, ParametersChange):
        fold.parameters(record)
    elif isinstance(record, End):
        fold.settle()
    return state, fold.said


class _Fold:
    """One step: a working copy of the state, and what comes out."""

    def __init__(self, plan: Plan, model: Simulation[Any], state: State[Any]) -> None:
        self.plan, self.model, self.state = plan, model, state
        self.said: list[Said] = []

    def frame(self, frame: Frame, signals: Signals) -> None:
        market, lanes, model = self.state.market, self.state.lanes, self.model
        time = frame.event_time
        if market.trade_date is None or (market.newest is not None and time <= market.newest):
            return
        market.newest = time
        cut = markets.seen(market, frame, self.plan.span)
        if cut is not None and model.gathers_bars:
            markets.gather(market, frame, self.plan.span is not None)
        telling = time in signals.times
        if not market.trading:
            pass
        elif cut is None:
            for lane in lanes if telling else ():
                model.hear(lane, market, signals.of(lane.ledger.lane).get(time, ()))
        else:
            for lane in lanes:
                edges = signals.of(lane.ledger.lane).get(time, ()) if telling else ()
                trades = model.cut(lane, market, cut, edges)
                if trades:
                    self.tell(lane, trades)
        if market.closes_at is not None and time >= market.closes_at:
            self.settle()

    def session(self, record: SessionRecord) -> None:
        market = self.state.market
        if market.trade_date is None or record.trade_date > market.trade_date:
            if record.registry is not None and (record.lanes or record.parameters is not None):
                self.settle()
                self.open(record)
        elif record.trade_date == market.trade_date and _over(record, market):
            self.settle()

    def open(self, record: SessionRecord) -> None:
        """Start a trade date: every lane judged by the parameters that the opening gives it."""
        market, state, asked = self.state.market, self.state, self.plan.request
        market.registry, market.trade_date = record.registry, record.trade_date
        market.first_date = market.first_date or record.trade_date
        market.opens_at, market.closes_at = record.opens_at, self.model.closes_at(record)
        market.trading = self.plan.trades and asked.start <= record.trade_date <= asked.end
        market.settled, market.last, market.frames = False, None, 0
        market.marks, market.missing, market.bars = {}, {}, []
        given = record.lanes or {"": record.parameters or Parameters()}
        known = {lane.ledger.lane for lane in state.lanes}
        for name, parameters in given.items():
            if name not in known:
                self.add(name, parameters, record.version)
        for lane in state.lanes:
            lane.parameters = given.get(lane.ledger.lane, lane.parameters)
            lane.version = record.version
            books.new_day(lane.ledger)
            self.model.begin(lane)

    def add(self, name: str, parameters: Parameters, version: int) -> None:
        capital, fees = (conditions := terms(self.plan.request, name)).initial_capital_usd, conditions.fees
        for twin in (False, True)[: 1 + self.plan.twin]:
            ledger = books.opened(name, twin, other(fees) if twin else fees, capital)
            self.state.lanes.append(self.model.lane(ledger, parameters, version))

    def parameters(self, change: ParametersChange) -> None:
        """`v1` judges a whole day by its opening."""
        for lane in () if self.model.gathers_bars else self.state.lanes:
            if change.replaces == lane.version:
                lane.parameters, lane.version = change.parameters, change.version

    def settle(self) -> None:
        """End the regular session, once: sell what is held, and tell the day."""
        market = self.state.market
        if market.settled:
            return
        market.settled = True
        asked = self.plan.request
        if not (market.marks or market.bars):
            if market.trade_date is not None and asked.start <= market.trade_date <= asked.end:
                market.days_without_data.append(market.trade_date)
            return
        if market.trading:
            for lane in self.state.lanes:
                self.tell(lane, self.model.close(lane, market))
                books.mark(lane.ledger, {}, 0)
                self.tell(lane, [_row(market, lane)])
        if asked.start <= (market.trade_date or asked.start) <= asked.end:
            _count(market)
        for bar in market.bars:
            market.closes.update(bar.prices)
        market.bars, market.changes = [], []

    def tell(self, lane: Lane, items: list[Any]) -> None:
        self.said += [Said(lane.ledger.lane, lane.ledger.twin, item) for item in items]


def _over(record: SessionRecord, market: Market) -> bool:
    """Whether `record` ends the regular session; `v1` goes on after an early close while bars come."""
    if record.session is Session.AFTER:
        return market.closes_at is not None and record.at >= market.closes_at
    return record.session is Session.CLOSED


def _count(market: Market) -> None:
    """Add the date to what is known of the whole run."""
    assert market.opens_at is not None
    assert market.closes_at is not None
    market.days += 1
    market.first_day, market.last_day = market.first_day or market.trade_date, market.trade_date
    market.frames_total += market.frames
    market.session_s += (market.closes_at - market.opens_at).total_seconds()
    for symbol, frames in market.missing.items():
        market.missing_total[symbol] = market.missing_total.get(symbol, 0) + frames


def _row(market: Market, lane: Lane) -> DayRow:
    ledger = lane.ledger
    assert market.trade_date is not None
    assert market.opens_at is not None
    assert market.closes_at is not None
    entry, now = market.benchmark_entry, market.benchmark_mark
    return DayRow(
        trade_date=market.trade_date,
        opens_at=market.opens_at,
        closes_at=market.closes_at,
        equity_usd=ledger.cash,
        pnl_usd=ledger.cash - ledger.opening_cash,
        return_pct=100 * (ledger.cash / ledger.opening_cash - 1),
        buys=ledger.buys,
        sells=ledger.sells,
        gold_change_pct=lane.gold_change_pct,
        banned=lane.banned,
        frames=market.frames,
        missing_symbol_bars=sum(market.missing.values()),
        benchmark_usd=None if entry is None or now is None else ledger.initial * now / entry,
    )

"""The model `rule_text`: what it acts on, when and at what price. Signals come from the five rules themselves.

Origin of the rules: facts of the US market, sections 2.6, 5.4 and 5.10.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from processors.portfolio.run import Outcome, run
from schemas.results import Trade
from schemas.ticks import End, Frame, QuoteState, Session, SessionRecord, TickRecord
from tests.builders import BOOK, at, batch, change, opening, pure_fold, session
from tests.builders import frame as quotes
from tests.unit.processors.portfolio.bars import FIVE, Day, Row, asked, outcome, whole

FLAT: Row = {}
LAG: Row = {"BITU": 2}
UP_TRIGGERS: Row = {"ETHU": 1, "XXRP": 1, "SOLT": 1}
DOWN: Row = {"SPY": -0.1, "QQQ": -0.1}


def played(day: Day, **fields: Any) -> Outcome:
    return outcome(whole(day), asked(day.day, **fields))


def day_of(*rows: Row, opens: dict[int, Row] | None = None, before: Row = FLAT, **parameters: Any) -> Day:
    """Five bars like `before`, then `rows`: the first of them ends at 10:00, when gold has decided."""
    day = Day(**parameters).bars([before] * 5)
    for index, row in enumerate(rows):
        day.cut(at("10:00") + index * FIVE, row, (opens or {}).get(index))
    return day


def told(trades: list[Trade]) -> list[tuple[str, str, str]]:
    return [(trade.symbol, trade.action, trade.reason) for trade in trades]


def test_what_a_bar_says_is_filled_at_the_next_open() -> None:
    """Said at the close of the bar that ends at 10:00; the next one opens then, at 100.5."""
    day = day_of(LAG, LAG, {"BITU": 2, "MSTU": 2}, FLAT, opens={1: {"MSTU": 0.5}, 3: {"MSTU": 1.0}})
    buy, sell = played(day).trades
    assert (buy.trade_time, buy.price, buy.amount_usd) == (at("10:00"), 100.5, 200.0)
    assert (sell.trade_time, sell.price, sell.reason) == (at("10:10"), 101.0, "twin_converge")
    assert (sell.entry_time, sell.entry_price, sell.holding_minutes) == (at("10:00"), 100.5, 10.0)


def test_slippage_is_against_us_at_both_ends() -> None:
    buy, sell = played(day_of(LAG, LAG, LAG), slippage_pct=0.02).trades
    assert buy.price == pytest.approx(100 * 1.0002)
    assert sell.price == pytest.approx(100 * 0.9998)
    assert sell.reason == "eod_close"


def test_trades_name_the_events_that_led_to_them() -> None:
    records = whole(day_of(LAG, LAG, {"BITU": 2, "MSTU": 2}, FLAT))
    said = {(e.event_time, e.subject): e.event_id for e in pure_fold(list(enumerate(records)))}
    buy, sell = outcome(records).trades
    assert buy.entry_event_id == sell.entry_event_id == said[at("10:00"), "coin"]
    assert sell.exit_event_id == said[at("10:10"), "coin"]


@pytest.mark.parametrize(
    ("rows", "bought"),
    [
        pytest.param({"before": {**LAG}}, ["MSTU"], id="allowed from 10:00 on, not before"),
        pytest.param({"before": {**LAG, "GLD": 0.5}}, [], id="R1: gold was up over the first half hour"),
        pytest.param({"before": {**LAG, "GLD": None}}, [], id="data: gold was not seen"),
        pytest.param({"before": {**LAG, **DOWN, "GLD": -1}}, [], id="R5: only defensives, which are off the market"),
        pytest.param({"before": {"BITU": -1, "MSTU": -3}}, [], id="R4: the follower is at the stop line"),
        pytest.param({"before": {"BITU": 2, "MSTU": None}}, [], id="the follower is not known"),
        pytest.param({"before": {"BITU": -2}}, [], id="the follower leads"),
    ],
)
def test_gates(rows: dict[str, Row], bought: list[str]) -> None:
    row = rows["before"] | dict.fromkeys(BOOK.defensives, None)
    trades = played(Day().bars([row] * 8)).trades
    assert [trade.symbol for trade in trades if trade.action == "BUY"] == bought
    assert all(trade.trade_time >= at("10:00") for trade in trades)


def test_sizes_are_shares_of_what_cash_remains_in_the_order_of_the_rules() -> None:
    row = {**LAG, "ROBN": 2, **UP_TRIGGERS}
    trades = played(Day().bars([row] * 8)).trades
    bought = [(t.symbol, round(t.amount_usd, 3), t.reason) for t in trades if t.action == "BUY"]
    assert bought == [("MSTU", 200, "twin"), ("CONL", 160, "twin"), ("COIN", 128, "conditional")]


class TestDefensives:
    def test_are_bought_once_gold_has_decided_although_the_regime_began_before(self) -> None:
        """The regime's edge is at the first bar; what frees the buys is gold's at 10:00."""
        trades = played(Day().bars([{**DOWN, "GLD": -1}] * 8)).trades
        assert told(trades)[:3] == [(symbol, "BUY", "bearish") for symbol in ("HIMZ", "BRKU", "BABX")]
        assert [round(trade.amount_usd, 1) for trade in trades[:3]] == [100.0, 90.0, 81.0]
        assert {trade.trade_time for trade in trades[:3]} == {at("10:00")}

    @pytest.mark.parametrize(
        ("row", "bought"),
        [
            pytest.param({**DOWN, "GLD": 0.5}, [], id="R1"),
            pytest.param({**DOWN, "GLD": -1, "BRKU": -3}, ["HIMZ", "BABX"], id="R4: one is at the stop line"),
            pytest.param({**DOWN, "GLD": -1, "HIMZ": None}, ["BRKU", "BABX"], id="one is not known"),
            pytest.param({"SPY": -1, "QQQ": None, "GLD": -1}, [], id="an index is not known"),
            pytest.param({"SPY": -1, "GLD": -1}, [], id="one index is not down"),
        ],
    )
    def test_are_gated(self, row: Row, bought: list[str]) -> None:
        trades = played(Day().bars([row] * 8)).trades
        assert [trade.symbol for trade in trades if trade.action == "BUY"] == bought

    def test_gold_that_rises_later_ends_the_regime_and_no_ban(self) -> None:
        rows: list[Row] = [*[{"GLD": -1}] * 6, *[{**DOWN, "GLD": 1}] * 2, *[{**DOWN, "GLD": -1}] * 3]
        trades = played(Day().bars(rows)).trades
        assert {trade.trade_time for trade in trades if trade.action == "BUY"} == {at("10:15")}


class TestMissingData:
    def test_what_has_no_bar_at_the_fill_is_not_bought_until_it_has_one(self) -> None:
        """MSTU trades at 10:00 and again in the bar that ends at 10:15: carried in between."""
        day = day_of(LAG, {**LAG, "MSTU": None}, {**LAG, "MSTU": None}, LAG, LAG, opens={3: {"MSTU": 0.7}})
        buy, _ = played(day).trades
        assert (buy.trade_time, buy.price) == (at("10:10"), 100.7)

    def test_and_not_at_all_when_the_signal_is_gone_by_then(self) -> None:
        assert played(day_of(LAG, {"BITU": 0.5, "MSTU": None}, FLAT, FLAT)).trades == []

    def test_a_sale_waits_for_a_price(self) -> None:
        rows = (LAG, LAG, {"BITU": 2, "MSTU": 2}, {"BITU": 5, "MSTU": None}, {"BITU": 5, "MSTU": 1}, FLAT)
        _, sell, *_ = played(day_of(*rows, opens={4: {"MSTU": 1.5}})).trades
        assert (sell.trade_time, sell.price, sell.reason) == (at("10:15"), 101.5, "twin_converge")

    def test_what_has_no_price_of_its_own_at_the_close_is_sold_at_its_last(self) -> None:
        _, sell = played(day_of(LAG, LAG, {**LAG, "MSTU": 1}, {**LAG, "MSTU": None})).trades
        assert (sell.trade_time, sell.price, sell.reason) == (at("10:15"), 101.0, "eod_close")

    def test_a_suspect_price_fills_nothing(self) -> None:
        """+70 % is suspect: neither a buy at it nor a value."""
        trades = played(day_of(LAG, {**LAG, "MSTU": 70}, FLAT, FLAT)).trades
        assert trades == []
        _, sell = played(day_of(LAG, LAG, {**LAG, "MSTU": 70})).trades
        assert sell.price == 100.0

    def test_a_bar_without_an_open_is_filled_at_its_close(self) -> None:
        day = day_of(LAG, {**LAG, "MSTU": 0.4}, LAG)
        day.frames = [replace(f, ticks=tuple(replace(t, open=None) for t in f.ticks)) for f in day.frames]
        assert played(day).trades[0].price == 100.4


class TestStop:
    def test_is_judged_at_the_close_against_the_entry_and_filled_at_the_next_open(self) -> None:
        """Entry at 100; a close of 97 is -3.0 % and stops; the next bar opens at 96.5."""
        rows = (LAG, LAG, {**LAG, "MSTU": -2.99}, {**LAG, "MSTU": -3}, {**LAG, "MSTU": -4}, {**LAG, "MSTU": -1}, FLAT)
        trades = played(day_of(*rows, opens={1: {"MSTU": 0}, 4: {"MSTU": -3.5}})).trades
        assert told(trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "stop_loss")]
        assert (trades[1].trade_time, trades[1].price) == (at("10:15"), 96.5)

    def test_a_low_within_the_bar_does_not_stop(self) -> None:
        day = day_of(LAG, LAG, LAG, LAG)
        deep = tuple(replace(tick, low=90.0) for tick in day.frames[-2].ticks)
        day.frames[-2] = replace(day.frames[-2], ticks=deep)
        assert told(played(day).trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "eod_close")]

    def test_a_stopped_ticker_is_not_bought_again_that_day(self) -> None:
        """It recovers from the stop line, and its pair says ENTRY again: actionable, but not for us."""
        rows = (LAG, LAG, {**LAG, "MSTU": -3}, {"BITU": 2, "MSTU": 2}, LAG, LAG, LAG)
        assert told(played(day_of(*rows)).trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "stop_loss")]
        again = (LAG, LAG, {"BITU": 2, "MSTU": 2}, LAG, LAG, LAG)
        assert len(played(day_of(*again)).trades) == 4  # converged, not stopped: bought twice

    def test_of_the_next_day_is_free(self) -> None:
        first = day_of(LAG, LAG, {**LAG, "MSTU": -3}, FLAT, FLAT)
        second = Day(date(2026, 2, 11)).bars([LAG] * 8)
        bought = [t.trade_date for t in outcome(whole(first, second)).trades if t.action == "BUY"]
        assert bought == [date(2026, 2, 10), date(2026, 2, 11)]

    def test_can_be_off(self) -> None:
        trades = played(day_of(LAG, LAG, {**LAG, "MSTU": -30}, LAG, stop_loss_pct=None)).trades
        assert told(trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "eod_close")]

    def test_outranks_a_pair_that_has_converged(self) -> None:
        rows = (LAG, LAG, {"BITU": -4, "MSTU": -4}, FLAT, FLAT)
        assert told(played(day_of(*rows)).trades)[1] == ("MSTU", "SELL", "stop_loss")


class TestClose:
    def test_nothing_is_decided_at_the_close(self) -> None:
        """At 16:00 the pair says ENTRY for the first time: tomorrow's open would be no day trade."""
        day = day_of(FLAT).cut("15:55", FLAT).cut("16:00", LAG)
        assert played(day).trades == []
        day = day_of(FLAT).cut("15:55", LAG).cut("16:00", LAG)
        buy, sell = played(day).trades
        assert (buy.trade_time, sell.trade_time) == (at("15:55"), at("16:00"))

    def test_a_fall_below_the_stop_in_the_last_bar_is_sold_at_the_close_like_the_rest(self) -> None:
        day = day_of(LAG, LAG).cut("16:00", {**LAG, "MSTU": -5})
        _, sell = played(day).trades
        assert (sell.reason, sell.price, sell.trade_time) == ("eod_close", 95.0, at("16:00"))

    def test_an_early_close_is_the_close(self) -> None:
        day = day_of(LAG, LAG).cut("13:00", {**LAG, "MSTU": 1}).cut("13:05", {**LAG, "MSTU": 5}).cut("16:00", FLAT)
        records = [replace(r, closes_at=at("13:00")) if isinstance(r, SessionRecord) else r for r in whole(day)]
        _, sell = outcome(records).trades
        assert (sell.trade_time, sell.price) == (at("13:00"), 101.0)

    @pytest.mark.parametrize("ending", ["closed", "after", "next day", "end"])
    def test_a_day_whose_last_frames_are_missing_is_closed_all_the_same(self, ending: str) -> None:
        records: list[TickRecord] = list(day_of(LAG, LAG).records(close=False))
        if ending in ("closed", "after"):
            records.append(session(ending, "16:00"))
        elif ending == "next day":
            records.append(opening(day=date(2026, 2, 11), confirm_sec=0.0))
        else:
            records.append(End(book=BOOK.name))
        _, sell = outcome(records).trades
        assert (sell.trade_time, sell.reason) == (at("10:05"), "eod_close")

    def test_a_stop_that_waited_for_a_price_keeps_its_reason(self) -> None:
        rows = (LAG, LAG, {**LAG, "MSTU": -3}, {**LAG, "MSTU": None})
        _, sell = played(day_of(*rows)).trades
        assert (sell.reason, sell.price, sell.trade_time) == ("stop_loss", 97.0, at("10:15"))

    def test_frames_outside_the_session_trade_nothing_but_are_heard(self) -> None:
        """A pair that has said ENTRY since before the open is bought when it is allowed."""
        day = Day(gold_observe_minutes=0).cut("09:00", LAG).cut("09:35", LAG).cut("09:40", LAG).cut("16:05", LAG)
        buy, sell = played(day).trades
        assert (buy.trade_time, sell.trade_time) == (at("09:35"), at("09:40"))


def test_parameters_that_change_count_from_where_they_stand() -> None:
    """In the replay of an archived day: the stop goes from off to -3 before the third bar after the entry."""
    frames = day_of(LAG, LAG, {**LAG, "MSTU": -5}, {**LAG, "MSTU": -5}, FLAT).frames
    start = opening(confirm_sec=0.0, stop_loss_pct=None)
    on = change(2, 1, confirm_sec=0.0, stop_loss_pct=-3.0)
    lost = change(9, 7, confirm_sec=0.0, stop_loss_pct=None)
    records: list[TickRecord] = [start, *map(batch, frames[:8]), on, lost, *map(batch, frames[8:]), End(book=BOOK.name)]
    assert told(outcome(records).trades)[1] == ("MSTU", "SELL", "stop_loss")


class TestTicks:
    """An archived live day: frames of a feed, where a fill is at the next frame's last price."""

    def records(self, frames: list[Frame]) -> list[TickRecord]:
        started = opening(confirm_sec=0.0, max_quote_age_sec=600.0)
        return [started, *map(batch, frames), session(Session.CLOSED, "16:00"), End(book=BOOK.name)]

    def test_filled_at_the_next_frame(self) -> None:
        frames = [quotes("10:00:00", LAG, rest=0.0), quotes("10:00:01", {**LAG, "MSTU": 0.1}, rest=0.0)]
        frames.append(quotes("10:00:02", {"BITU": 2, "MSTU": 0.2}, rest=0.0))
        buy, sell = outcome(self.records(frames), interval="ticks").trades
        assert (buy.trade_time, buy.price) == (at("10:00:01"), 100.1)
        assert (sell.trade_time, sell.price, sell.reason) == (at("10:00:02"), 100.2, "eod_close")

    def test_the_open_of_the_day_is_no_fill(self) -> None:
        frames = [quotes(f"10:00:0{n}", LAG, rest=0.0) for n in range(3)]
        frames = [replace(f, ticks=tuple(replace(t, open=50.0) for t in f.ticks)) for f in frames]
        assert outcome(self.records(frames), interval="ticks").trades[0].price == 100.0

    def test_a_frame_that_leaves_the_symbol_out_is_waited_over(self) -> None:
        frames = [quotes("10:00:00", LAG, rest=0.0), quotes("10:00:01", {"SPY": 0.1}, partial=True)]
        frames += [quotes("10:00:02", {"MSTU": 0.3}, partial=True), quotes("10:00:03", LAG, rest=0.0)]
        buy, _ = outcome(self.records(frames), interval="ticks").trades
        assert (buy.trade_time, buy.price) == (at("10:00:02"), 100.3)

    def test_a_wish_that_is_withdrawn_while_it_waits_is_not_filled(self) -> None:
        frames = [quotes("10:00:00", LAG, rest=0.0), quotes("10:00:01", {"BITU": 0.5}, partial=True)]
        frames += [quotes("10:00:02", {"MSTU": 0.3}, partial=True)]
        assert outcome(self.records(frames), interval="ticks").trades == []

    def test_a_stale_or_missing_quote_fills_nothing(self) -> None:
        frames = [quotes("10:00:00", LAG, rest=0.0), quotes("10:00:01", {**LAG, "MSTU": QuoteState.STALE}, rest=0.0)]
        frames += [quotes("10:00:02", LAG, rest=0.0), quotes("10:00:03", LAG, rest=0.0)]
        buy, _ = outcome(self.records(frames), interval="ticks").trades
        assert buy.trade_time == at("10:00:03")  # ENTRY was gone at 10:00:01 and is back at 10:00:02

    def test_a_close_between_two_frames(self) -> None:
        frames = [quotes("15:59:58.500", LAG, rest=0.0), quotes("15:59:59.500", LAG, rest=0.0)]
        frames.append(quotes("16:00:00.500", {"BITU": 2, "MSTU": 5}, rest=0.0))
        records = self.records([quotes("10:00", rest=0.0), *frames])
        buy, sell = outcome(records, interval="ticks").trades
        assert (sell.trade_time, sell.price) == (at("15:59:59.500"), 100.0)
        assert buy.trade_time == sell.trade_time


def test_a_frame_that_comes_again_changes_nothing() -> None:
    records = whole(day_of(LAG, LAG, {"BITU": 2, "MSTU": 2}, FLAT))
    again = [part for record in records for part in (record, record)]
    events = pure_fold(list(enumerate(records)))
    assert run(asked(), again, events, interval="5m")[""] == run(asked(), records, events, interval="5m")[""]


def test_dates_before_the_span_only_give_closes() -> None:
    before, day = Day(date(2026, 2, 9)).bars([LAG] * 8), Day().bars([LAG] * 8)
    result = outcome(whole(before, day))
    assert {trade.trade_date for trade in result.trades} == {date(2026, 2, 10)}
    assert result.result.portfolio is not None
    assert [row.trade_date for row in result.result.portfolio.days] == [date(2026, 2, 10)]
    assert result.result.first_day == date(2026, 2, 10)
    assert outcome(whole(before, day), asked(end=date(2026, 2, 10) - timedelta(days=1))).trades == []

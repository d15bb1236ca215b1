"""A whole run: what its result says of itself, its lanes, its data and its benchmark."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from processors.portfolio.fold import Said
from processors.portfolio.run import run
from processors.portfolio.signals import Signals
from schemas.base import encode
from schemas.parameters import Parameters
from schemas.results import DayRow, Result, Trade
from schemas.runs import Fees, Model
from schemas.signals import SignalEvent
from schemas.ticks import End, SessionRecord, TickRecord
from tests.builders import BOOK, at, opening, pure_fold
from tests.unit.processors.portfolio.bars import NONE, Day, Row, asked, outcome, whole

LAG: Row = {"BITU": 2}
FIRST, SECOND = date(2026, 2, 10), date(2026, 2, 11)


def lagging(day: date = FIRST, bars: int = 12, **parameters: float) -> Day:
    """BITU up 2 % from 100 on the first date, and to 104 on the second: `v1` measures that from 102."""
    return Day(day, **parameters).bars([LAG if day == FIRST else {"BITU": 4}] * bars)


@pytest.mark.parametrize("model", list(Model))
def test_a_result_is_plain_json_and_reads_back(model: Model) -> None:
    result = outcome(whole(lagging(), lagging(SECOND)), asked(model=model)).result
    assert msgspec.json.decode(encode(result), type=Result) == result
    assert result.portfolio is not None
    assert result.portfolio.metrics.sells == 2


def test_trades_are_rows_of_the_trade_log() -> None:
    row = msgspec.structs.asdict(outcome(whole(lagging())).trades[1])
    assert row["trade_id"] == f"{int(at('10:30').timestamp() * 1000)}:MSTU:SELL"
    assert (row["lane"], row["source"], row["action"], row["trade_time"]) == ("", "sim", "SELL", at("10:30"))
    columns = ("price", "quantity", "amount_usd", "fee_usd", "pnl_usd", "reason", "entry_event_id")
    assert all(row[column] is not None for column in columns)


def test_what_a_result_says_of_itself() -> None:
    day = lagging(stop_loss_pct=-4.0)
    result = outcome(whole(day), asked(SECOND, SECOND), notes=["bars of a file"]).result
    assert (result.start, result.end, result.first_day, result.portfolio and result.portfolio.days) == (
        SECOND, SECOND, None, (),
    )  # fmt: skip
    result = outcome(whole(day), asked(slippage_pct=0.05), notes=["bars of a file"]).result
    assert (result.model, result.gating, result.slippage_pct) == ("rule_text", "rule_text", 0.05)
    assert result.fill == "at the open of the next bar, 0.05 % against us; at the close at the last price"
    assert (result.parameter_version, result.parameters) == (1, Parameters(confirm_sec=0.0, stop_loss_pct=-4.0))
    assert result.data_quality.notes == ("bars of a file",)
    assert result.signals["twin_pairs"].actionable == 3  # two pairs say SELL; coin says ENTRY from 10:00
    assert outcome(whole(day), asked(model=Model.V1, slippage_pct=0.05)).result.slippage_pct == 0.0


def test_missing_symbol_bars_are_counted_in_the_regular_session() -> None:
    day = Day().cut("09:00", {"MSTU": None}).bars([{"MSTU": None}, {}, {"MSTU": None, "BRKU": 70}])
    day.cut("16:05", {}, rest=None)
    result = outcome(whole(day)).result
    assert result.data_quality.frames == 3
    assert result.data_quality.missing_symbol_bars == {"BRKU": 1, "MSTU": 2}  # carried or absent; suspect
    assert result.data_quality.missing_total == 3
    assert result.portfolio is not None
    assert result.portfolio.days[0].missing_symbol_bars == 3


def test_a_date_without_data_is_named_and_is_no_day() -> None:
    empty = Day(SECOND).bars([{}] * 3, rest=None)
    result = outcome(whole(lagging(), empty, Day(date(2026, 2, 12)), lagging(date(2026, 2, 13)))).result
    assert result.data_quality.days_without_data == (SECOND, date(2026, 2, 12))
    assert result.portfolio is not None
    assert [row.trade_date for row in result.portfolio.days] == [FIRST, date(2026, 2, 13)]
    assert (result.first_day, result.last_day) == (FIRST, date(2026, 2, 13))


def test_days_on_which_gold_forbids_trading_are_rows_with_a_return_of_zero() -> None:
    banned = Day(SECOND).bars([{**LAG, "GLD": 0.5}] * 12)
    result = outcome(whole(lagging(), banned)).result
    assert result.portfolio is not None
    rows = result.portfolio.days
    assert [(row.banned, row.gold_change_pct, row.buys, row.return_pct) for row in rows] == [
        (False, 0.0, 1, 0.0), (True, 0.5, 0, 0.0),
    ]  # fmt: skip
    assert result.portfolio.skipped_days == (SECOND,)
    assert result.portfolio.metrics.banned_days == 1


def test_the_benchmark_is_bought_at_the_first_open_and_held() -> None:
    first = Day().cut("09:35", {"SPY": 1}, {"SPY": 0}).cut("09:40", {"SPY": -10})
    second = Day(SECOND, {"SPY": 90.0}).cut("09:35", {"SPY": 5}).cut("09:40", {"SPY": None, "QQQ": 1})
    result = outcome(whole(first, second)).result
    assert result.portfolio is not None
    told = result.portfolio.benchmark
    assert told is not None
    assert (told.symbol, told.final_equity_usd, told.total_return_pct) == ("SPY", 1050.0, pytest.approx(5.0))
    assert told.mdd_pct == pytest.approx(10.0)  # 1000 to 900, at the closes
    assert [row.benchmark_usd for row in result.portfolio.days] == [900.0, 1050.0]


def test_without_its_prices_there_is_no_benchmark() -> None:
    result = outcome(whole(Day().bars([{"SPY": None}] * 12))).result
    assert result.portfolio is not None
    assert result.portfolio.benchmark is None


def test_exposure_over_the_time_of_the_session() -> None:
    """MSTU is bought at 10:00 for 200 of 1,000 and held to the close at 16:00: 20 % over 360 of 390 minutes."""
    result = outcome(whole(lagging().cut("16:00", LAG))).result
    assert result.portfolio is not None
    told = result.portfolio.metrics
    assert told.time_in_market_pct == pytest.approx(100 * 360 / 390)
    assert told.exposure_pct == pytest.approx(20 * 360 / 390)


def test_daily_bars_give_signals_and_no_portfolio() -> None:
    records = whole(Day(gold_observe_minutes=0).cut("16:00", LAG), Day(SECOND).cut("16:00", LAG))
    for model in Model:
        told = outcome(records, asked(model=model), "1d")
        assert (told.trades, told.result.portfolio) == ([], None)
        assert told.result.no_portfolio_because.startswith("daily bars give signals and no portfolio")
        assert told.result.signals["twin_pairs"].events == 6
        assert (told.result.first_day, told.result.last_day, told.result.data_quality.frames) == (FIRST, SECOND, 2)
        assert told.result.fill == "none"


def test_hourly_bars_say_when_gold_decides() -> None:
    assert "10:30" in outcome(whole(lagging()), interval="1h").result.data_quality.notes[0]


def test_hourly_fills_are_at_the_open_of_their_hour() -> None:
    """The last bar of the day is half an hour long."""
    day = Day().cut("10:30", LAG).cut("11:30", LAG).cut("15:30", {"BITU": 2, "MSTU": 2}).cut("16:00", LAG)
    buy, sell, *_ = outcome(whole(day), interval="1h").trades
    assert (buy.trade_time, sell.trade_time) == (at("10:30"), at("15:30"))


def test_an_interval_must_be_one() -> None:
    with pytest.raises(ValueError, match="interval: expected one of ticks, 1m, 5m, 1h, 1d, received 'auto'"):
        run(asked(), [], [], interval="auto")


def test_signals_of_another_run_are_refused() -> None:
    records = whole(lagging())
    events = pure_fold(list(enumerate(whole(lagging(SECOND)))))
    with pytest.raises(ValueError, match="signal times have no frame, the first at 2026-02-11T14:35:00"):
        run(asked(), records, events, interval="5m")


def test_what_is_said_is_heard_as_it_comes() -> None:
    heard: list[Said] = []
    told = outcome(whole(lagging(), lagging(SECOND)), on_said=heard.append)
    assert [item.item for item in heard if not item.twin and isinstance(item.item, Trade)] == told.trades
    assert [type(item.item) for item in heard if not item.twin] == [Trade, Trade, DayRow] * 2
    assert sum(item.twin for item in heard) == 6


class TestLanes:
    """A sweep: the opening gives each lane its parameters, and each lane hears its own events."""

    LANES = {
        "a": Parameters(confirm_sec=0.0),
        "b": Parameters(confirm_sec=0.0, alloc_twin=0.5),
        "c": Parameters(confirm_sec=0.0, pair_gap_entry_threshold=4.5),
    }

    def records(self, lanes: dict[str, Parameters]) -> list[TickRecord]:
        """As they are published: lanes instead of parameters."""
        return [
            replace(r, lanes=lanes, parameters=None) if isinstance(r, SessionRecord) and r.registry else r
            for r in whole(lagging(), lagging(SECOND))
        ]

    def events(self, lanes: dict[str, Parameters]) -> list[SignalEvent]:
        said: list[SignalEvent] = []
        for lane, parameters in lanes.items():
            alone = [
                replace(r, lanes={}, parameters=parameters) if isinstance(r, SessionRecord) and r.registry else r
                for r in self.records(lanes)
            ]
            said += [replace(event, lane=lane) for event in pure_fold(list(enumerate(alone)))]
        return said

    @pytest.mark.parametrize("model", list(Model))
    def test_each_is_judged_by_its_own(self, model: Model) -> None:
        named = {"a": {"use_fees": False}, "b": {}, "c": {}}
        request = asked(model=model, lanes=named, fees=Fees())
        told = run(request, self.records(self.LANES), self.events(self.LANES), interval="5m", twin=False)
        assert list(told) == ["a", "b", "c"]
        bought = {lane: [trade.amount_usd for trade in of.trades if trade.action == "BUY"] for lane, of in told.items()}
        assert (len(bought["a"]), bought["b"][0], bought["c"]) == (2, 500.0, [])
        assert {trade.lane for trade in told["b"].trades} == {"b"}
        assert (told["a"].result.fees, told["b"].result.fees) == (NONE, Fees())
        assert told["c"].result.parameters == self.LANES["c"]

    @pytest.mark.parametrize("model", list(Model))
    def test_the_others_do_not_matter(self, model: Model) -> None:
        every = run(asked(model=model), self.records(self.LANES), self.events(self.LANES), interval="5m")
        for lane, parameters in self.LANES.items():
            own = {lane: parameters}
            assert run(asked(model=model), self.records(own), self.events(own), interval="5m")[lane] == every[lane]


def test_signals_keep_what_counts_and_count_what_comes() -> None:
    events = pure_fold(list(enumerate(whole(lagging()))))
    signals = Signals()
    signals.extend(events[:7])
    signals.extend(events[7:])
    assert sum(count.events for count in signals.counts("").values()) == len(events)
    assert signals.times == {event.event_time for event in events}
    assert list(signals.counts("")) == ["bearish", "conditional", "gold", "stop_loss", "twin_pairs"]
    assert signals.of("no such lane") == {}


def test_a_rule_that_the_portfolio_does_not_know_is_counted_and_changes_nothing() -> None:
    records = whole(lagging())
    events = pure_fold(list(enumerate(records)))
    other = replace(events[0], signal_type="breadth", event_time=at("12:34"))
    told = run(asked(), records, [*events, other], interval="5m")[""]
    assert told.trades == outcome(records).trades
    assert told.result.signals["breadth"].events == 1


def test_a_run_without_an_opening_has_no_lane() -> None:
    assert run(asked(), [End(book=BOOK.name)], [], interval="5m") == {}
    assert run(asked(), [opening()], [], interval="5m")[""].trades == []

"""The market model: repeatable, coherent, and lively enough for every rule."""

from datetime import date

import numpy as np
import pytest

from schemas.book import Pair, Ticker, load_book
from simulators.clock import TradingDays
from simulators.market import Market
from simulators.state_file import StateFile
from simulators.trading import PROFILES, STEP_MS, MarketDay

BOOK = load_book("us")
DAYS = TradingDays()
FIRST = DAYS.on_or_after(date(2026, 6, 30))
NOMINAL = np.array([PROFILES[symbol][0] for symbol in BOOK.symbols])
SECONDS_10_MIN = 600


def changes(
    seed: int, day=FIRST, begin_s: int = 1800, length_s: int = 3600, gold_up: bool = False
) -> dict[str, np.ndarray]:
    """Change in percent by symbol at each second, from the prices that trades had; 1800 s are 09:50."""
    trading = MarketDay(BOOK, seed, day, NOMINAL, gold_up)
    found = {}
    for place, symbol in enumerate(BOOK.symbols):
        times = range(day.begins + begin_s * 1000, day.begins + (begin_s + length_s) * 1000, 1000)
        last = np.array([trading.quote(place, trading.step(place, ms)).last for ms in times])
        found[symbol] = np.round((last - NOMINAL[place]) / NOMINAL[place] * 100, 2)
    return found


def conditions(change: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The raw condition of each rule at each second, by the defaults of the rule text."""
    gaps = {pair.key: np.round(change[pair.lead] - change[pair.follow], 2) for pair in BOOK.pairs}
    twins = {
        key: np.select([np.abs(gap) <= 0.3, gap >= 1.5, gap <= -1.5], ["SELL", "ENTRY", "AHEAD"], "HOLD")
        for key, gap in gaps.items()
    }
    return {
        "gold": change[BOOK.gold] > 0,
        "conditional": np.all([change[symbol] > 0 for symbol in BOOK.triggers], axis=0),
        "stop_loss": np.any([change[symbol] <= -3.0 for symbol in BOOK.symbols], axis=0),
        "bearish": np.all([change[symbol] < 0 for symbol in BOOK.indices], axis=0),
        **twins,
    }


@pytest.mark.parametrize("seed", [1, 2, 3, 7, 20])
def test_every_rule_changes_within_any_ten_minutes(seed):
    for name, verdict in conditions(changes(seed)).items():
        changed = np.flatnonzero(verdict[1:] != verdict[:-1])
        for begin in range(0, 3600 - SECONDS_10_MIN + 1, 60):
            within = np.sum((changed >= begin) & (changed < begin + SECONDS_10_MIN))
            assert within >= 2, f"{name} from second {begin}: {within} changes"
        if name in {pair.key for pair in BOOK.pairs}:
            assert {"SELL", "ENTRY", "HOLD"} <= set(verdict[:SECONDS_10_MIN])


@pytest.mark.parametrize("hour", ["after hours", "before the open"])
def test_the_rules_live_outside_the_regular_session_too(hour):
    begin_s = 25_000 if hour == "after hours" else 0
    for name, verdict in conditions(changes(4, begin_s=begin_s, length_s=600)).items():
        assert len(set(verdict)) > 1, name


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize("gold_up", [False, True])
def test_gold_is_clear_when_it_decides_the_day(seed, gold_up):
    around = changes(seed, begin_s=600 + 1800 - 40, length_s=80, gold_up=gold_up)[BOOK.gold]
    assert np.all(around > 0) if gold_up else np.all(around < 0)


def test_gold_alternates_by_day_and_is_down_on_the_first():
    market = Market(BOOK, 1, DAYS, StateFile(None), FIRST)
    days = [FIRST]
    for _ in range(3):
        days.append(DAYS.after(days[-1]))
    assert [market.on(day).gold_up for day in days] == [False, True, False, True]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_changes_stay_within_eight_percent_and_levels_near_where_they_were(seed):
    market = Market(BOOK, seed, DAYS, StateFile(None), FIRST)
    day = FIRST
    for _ in range(250):  # a year
        day = DAYS.after(day)
        bases = market.on(day).bases
    assert np.all(np.abs(np.log(bases / NOMINAL)) < 0.8)  # the third year of the simulated past and after
    times = np.arange(day.begins, day.ends, 5000)
    assert np.abs(market.on(day)._waves.at(times)).max() < 8


def test_leverage_and_company():
    change = changes(5, length_s=7200)
    underlying, fund = change["COIN"], change["CONL"]
    assert np.polyfit(underlying, fund, 1)[0] == pytest.approx(2.0, abs=0.1)
    for one, other in (("SPY", "QQQ"), ("ETHU", "SOLT"), ("BITU", "ETHU")):
        assert np.corrcoef(change[one], change[other])[0, 1] > 0.7
    assert abs(np.corrcoef(change["GLD"], change["SPY"])[0, 1]) < 0.4


def test_prices_are_a_function_of_seed_and_time():
    asked_often = MarketDay(BOOK, 3, FIRST, NOMINAL, False)
    for ms in range(FIRST.begins, FIRST.begins + 4_000_000, 77_000):
        for place in range(len(BOOK.symbols)):
            asked_often.quote(place, asked_often.step(place, ms))
    asked_once = MarketDay(BOOK, 3, FIRST, NOMINAL, False)
    other_seed = MarketDay(BOOK, 4, FIRST, NOMINAL, False)
    step = 4_000_000 // STEP_MS
    assert [asked_once.quote(p, step) for p in range(16)] == [asked_often.quote(p, step) for p in range(16)]
    assert asked_once.quote(0, step) != other_seed.quote(0, step)
    asked_once.quote(0, step * 8)
    assert asked_once.quote(0, step) == asked_often.quote(0, step)  # back over chunks that were let go


def test_the_close_of_a_day_is_the_base_of_the_next_and_survives_a_restart(tmp_path):
    state = StateFile(tmp_path / "state.json")
    market = Market(BOOK, 1, DAYS, state, FIRST)
    closing = [market.quote(symbol, FIRST, FIRST.closes) for symbol in BOOK.symbols]
    following = DAYS.after(FIRST)
    after = {symbol: market.quote(symbol, following, following.opens) for symbol in BOOK.symbols}
    for quote in closing:
        assert after[quote.symbol].base == quote.last
    again = Market(BOOK, 1, DAYS, StateFile(tmp_path / "state.json"), following)
    assert {symbol: again.quote(symbol, following, following.opens) for symbol in BOOK.symbols} == after


def test_a_skipped_day_is_traded_all_the_same():
    followed = Market(BOOK, 1, DAYS, StateFile(None), FIRST)
    second = DAYS.after(FIRST)
    third = DAYS.after(second)
    followed.on(second)
    jumped = Market(BOOK, 1, DAYS, StateFile(None), FIRST)
    assert jumped.quote("GLD", third, third.opens) == followed.quote("GLD", third, third.opens)


def test_day_figures_agree_with_each_other():
    market = Market(BOOK, 2, DAYS, StateFile(None), FIRST)
    before = None
    for ms in range(FIRST.opens, FIRST.opens + 1_200_000, 250):
        for trade in market.trades("COIN", FIRST, ms - 250, ms):
            assert trade.low <= trade.open <= trade.high
            assert trade.low <= trade.last <= trade.high
            assert 0 < trade.bid < trade.ask
            assert trade.bid <= trade.last <= trade.ask
            assert trade.sold + trade.bought == trade.volume
            assert round(trade.last * 100) == pytest.approx(trade.last * 100, abs=1e-6)  # whole cents
            if before is not None:
                assert trade.at_ms > before.at_ms
                assert trade.volume == before.volume + trade.size
                assert trade.value == pytest.approx(before.value + trade.size * trade.last, rel=1e-9)
            before = trade
    assert before is not None


@pytest.mark.parametrize(
    ("begin_s", "least", "most"),
    [
        pytest.param(3600, 0.5, 6.0, id="regular: half a trade to several a second"),
        pytest.param(0, 0.1, 2.5, id="pre-market: fewer"),
        pytest.param(30_000, 0.05, 1.0, id="after-hours: the fewest"),
    ],
)
def test_symbols_trade_as_often_as_the_session_has_it(begin_s, least, most):
    trading = MarketDay(BOOK, 1, FIRST, NOMINAL, False)
    for place in range(len(BOOK.symbols)):
        steps = range(begin_s * 4, (begin_s + 300) * 4)
        count = len({trading.quote(place, step).at_ms for step in steps})
        assert least * 0.8 <= count / 300 <= most


def test_volume_comes_near_a_usual_day():
    trading = MarketDay(BOOK, 1, FIRST, NOMINAL, False)
    for place, symbol in enumerate(BOOK.symbols):
        volume = trading.quote(place, trading.step(place, FIRST.ends - 1)).volume
        assert 0.5 < volume / PROFILES[symbol][1] < 2.0


def test_a_book_of_other_tickers_moves_too():
    tickers = tuple(
        Ticker(symbol=s, name_ko=s, name_en=s, category="x", exchange="NYS") for s in ("AAA", "BBB", "CCC", "DDD")
    )
    pair = Pair(key="x", label="x", lead="AAA", follow="BBB")
    book = type(BOOK)(
        name="x", calendar="XNYS", timezone="America/New_York", tickers=tickers, gold="CCC", indices=("DDD",),
        pairs=(pair,), triggers=("AAA",), target="BBB", defensives=(),
    )  # fmt: skip
    market = Market(book, 1, DAYS, StateFile(None), FIRST)
    quotes = {market.quote("BBB", FIRST, FIRST.opens + s * 60_000).last for s in range(10)}
    assert len(quotes) > 5
    assert market.quote("GLD", FIRST, FIRST.opens) is None

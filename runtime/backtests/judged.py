"""What a run is judged by, and what it came to: parameters in, results out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg import AsyncConnection

from processors.portfolio.run import Outcome
from processors.portfolio.run import run as fold_portfolio
from processors.portfolio.signals import Signals
from producers.history.frames import opening as opening_of
from producers.sessions import Day
from runtime.backtests.bars import Gathered
from schemas.base import decoder, encode
from schemas.book import Book
from schemas.errors import ConfigError
from schemas.parameters import Parameters, merged
from schemas.results import Result
from schemas.runs import RunKind, RunRequest
from schemas.ticks import SessionRecord, TickRecord

RECORD = decoder(TickRecord)


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """The parameters of a run, per lane for a shard. `asked` says whether they differ from those of the day."""

    book: Book
    parameters: Parameters
    version: int
    lanes: dict[str, Parameters]
    asked: bool

    def record(self, day: Day) -> SessionRecord:
        """The opening of `day`."""
        return self.given(opening_of(self.book, day, self.parameters, self.version))

    def given(self, opening: SessionRecord) -> SessionRecord:
        """An archived opening with what was asked for instead of what held that day."""
        if not (self.asked or self.lanes):
            return opening
        return msgspec.structs.replace(opening, parameters=self.parameters, version=self.version, lanes=self.lanes)


async def frozen(connection: AsyncConnection, world: str, run_id: str, request: RunRequest) -> RunRequest:
    """`request` with the book's newest parameters, which stay its own from the first attempt on."""
    if request.in_force is not None:
        return request
    rows = await connection.execute(
        "select version, json from parameter_sets where world = %s and book = %s order by version desc limit 1",
        (world, request.book),
    )
    row = await rows.fetchone()
    version, current = (row[0], msgspec.convert(row[1], Parameters)) if row else (1, Parameters())
    whole = msgspec.structs.replace(request, in_force=current, in_force_version=version)
    await connection.execute(
        "update runs set request = %s::jsonb where world = %s and run_id = %s", (encode(whole).decode(), world, run_id)
    )
    return whole


def judged_by(book: Book, request: RunRequest) -> JudgedBy:
    """The parameters in force with those of the request over them. Raises `ConfigError` that names the field."""
    # Bars are no ticks: a change holds until the next bar at least, so nothing waits for confirmation.
    base = msgspec.structs.replace(request.in_force or Parameters(), confirm_sec=0.0)
    parameters = _merged(base, request.parameters, book)
    lanes = {lane: _merged(parameters, changes, book) for lane, changes in request.lanes.items()}
    return JudgedBy(book, parameters, request.in_force_version, lanes, bool(request.parameters))


def _merged(current: Parameters, changes: dict[str, Any], book: Book) -> Parameters:
    found = merged(current, changes, symbols=len(book.symbols), rest_only=False)
    if isinstance(found, Parameters):
        return found
    raise ConfigError(
        "; ".join(
            f"parameters.{fault.field}: expected {fault.expected}, received {fault.received!r}" for fault in found
        )
    )


def folded(request: RunRequest, messages: Sequence[bytes], signals: Signals, gathered: Gathered) -> dict[str, Outcome]:
    """The portfolio of every lane. Decodes message by message: a year of records never stands in memory at once."""
    notes = gathered.data_quality()["notes"]
    whole = request.kind is not RunKind.SHARD  # the lanes of a sweep go without the twin with other fees
    return fold_portfolio(request, _records(messages), signals, interval=gathered.interval, twin=whole, notes=notes)


def _records(messages: Sequence[bytes]) -> Iterator[TickRecord]:
    decode: Callable[[bytes], TickRecord] = RECORD.decode
    return (decode(message) for message in messages)


def summary_of(result: Result) -> dict[str, Any]:
    """The few figures of a list of runs."""
    told: dict[str, Any] = {"interval": result.data_quality.interval, "model": result.model.value}
    told["signals"] = {name: count.events for name, count in result.signals.items()}
    if result.portfolio is None:
        return told | {"no_portfolio_because": result.no_portfolio_because}
    figures = result.portfolio.metrics
    names = (
        "final_equity_usd", "total_return_pct", "mdd_pct", "sharpe", "sells", "win_rate_pct", "profit_factor",
        "exposure_pct", "stop_loss_count", "days",
    )  # fmt: skip
    return told | {name: getattr(figures, name) for name in names} | {"fees_usd": figures.fees.total_usd}

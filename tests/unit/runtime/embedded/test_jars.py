"""Jars come whole and verified, or not at all. The repository here is a mirror of three invented jars on loopback."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from runtime.embedded import jars
from schemas.errors import ConfigError, Unavailable

CONTENT = {name: f"the classes of {name}".encode() * 1000 for name in ("alpha", "beta", "gamma")}


class Mirror:
    """What it served, and what it is to do wrong."""

    def __init__(self) -> None:
        self.files = {f"/org/invented/{name}/1.0/{name}-1.0.jar": content for name, content in CONTENT.items()}
        self.asked: list[str] = []
        self.cut_short = 0  # how many answers still to break off half-way


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A repository that jgo's own settings name, as someone behind a mirror has it."""
    state = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            content = state.files.get(self.path)
            self.send_response(200 if content else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if content and state.cut_short > 0:
                state.cut_short -= 1
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
            elif content:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests look at `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings = tmp_path / "jgo.conf"
        settings.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(jars.time, "sleep", lambda _: None)  # between attempts
        yield state
        server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    entries = [
        f'[[dependencies]]\ngroupId = "org.invented"\nartifactId = "{name}"\nversion = "1.0"\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        for name, content in CONTENT.items()
    ]
    (tmp_path / "jgo.lock.toml").write_text("\n".join(entries))
    return tmp_path / "jgo.lock.toml"


def test_missing_jars_are_fetched_once_and_reported(tmp_path: Path, mirror: Mirror, lock: Path) -> None:
    reports: list[tuple[int, int, int]] = []
    paths = jars.resolve(tmp_path / "jars", lambda *told: reports.append(told), lock)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert reports[0] == (0, 3, 0)
    assert reports[-1] == (3, 3, sum(map(len, CONTENT.values())))
    assert sorted(path.name for path in (tmp_path / "jars").iterdir()) == sorted(path.name for path in paths)

    mirror.asked.clear()
    reports.clear()
    assert jars.resolve(tmp_path / "jars", lambda *told: reports.append(told), lock) == paths
    assert (mirror.asked, reports) == ([], [])


def test_only_what_is_missing_is_fetched(tmp_path: Path, mirror: Mirror, lock: Path) -> None:
    _, beta, _ = jars.resolve(tmp_path / "jars", lock=lock)
    beta.unlink()
    mirror.asked.clear()
    jars.resolve(tmp_path / "jars", lock=lock)
    assert {path.split("/")[3] for path in mirror.asked} == {"beta"}


def test_a_download_that_breaks_off_is_tried_again(tmp_path: Path, mirror: Mirror, lock: Path) -> None:
    mirror.cut_short = 2
    paths = jars.resolve(tmp_path / "jars", lock=lock)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())


def test_a_download_that_never_succeeds_is_unavailable_and_leaves_no_half(
    tmp_path: Path, mirror: Mirror, lock: Path
) -> None:
    mirror.cut_short = 10**6
    with pytest.raises(Unavailable, match=r"-1\.0\.jar"):
        jars.resolve(tmp_path / "jars", lock=lock)
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_download_that_is_not_what_the_lock_says_is_refused(tmp_path: Path, mirror: Mirror, lock: Path) -> None:
    mirror.files["/org/invented/beta/1.0/beta-1.0.jar"] = b"something else"
    with pytest.raises(ConfigError, match=r"beta-1\.0\.jar"):
        jars.resolve(tmp_path / "jars", lock=lock)
    assert not (tmp_path / "jars" / "beta-1.0.jar").exists()


def test_a_jar_that_no_repository_has_is_named(tmp_path: Path, mirror: Mirror, lock: Path) -> None:
    del mirror.files["/org/invented/gamma/1.0/gamma-1.0.jar"]
    with pytest.raises(Unavailable, match=r"gamma-1\.0\.jar"):
        jars.resolve(tmp_path / "jars", lock=lock)


def test_a_jar_damaged_in_the_cache_is_refused_with_its_place(tmp_path: Path, mirror: Mirror, lock: Path) -> None:
    alpha, _, _ = jars.resolve(tmp_path / "jars", lock=lock)
    alpha.write_bytes(alpha.read_bytes()[:-1])
    with pytest.raises(ConfigError, match=str(alpha)):
        jars.resolve(tmp_path / "jars", lock=lock)


def test_the_committed_lock_names_one_kafka_and_no_address() -> None:
    named = jars.locked()
    kafka = {jar.artifact: jar.version for jar in named if jar.group == "org.apache.kafka"}
    assert set(kafka.values()) == {jars.version()}  # a mixture of versions does not start
    assert len({jar.file_name for jar in named}) == len(named)
    assert all(len(jar.sha256) == 64 for jar in named)
    assert f"kafka_2.13:{jars.version()}" in jars.LOCK.with_name("jgo.toml").read_text()
    assert "://" not in jars.LOCK.read_text()


def test_nothing_is_shown_when_nothing_is_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    with jars.progress_bar():
        pass
    assert capsys.readouterr().out == ""
    with jars.progress_bar() as report:
        report(3, 46, 2_000_000)
        report(46, 46, 44_000_000)
    assert "46/46" in capsys.readouterr().out

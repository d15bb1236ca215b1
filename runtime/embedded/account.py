"""Who runs PostgreSQL, which refuses root, and where that user's files can lie."""

from __future__ import annotations

import logging
import os
import pwd
import secrets
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigError

log = logging.getLogger(__name__)

OUTSIDE = (
    Path("/var/lib"),
    Path("/usr/local/var"),
    Path("/opt"),
)  # that root can write and everyone can enter


@dataclass(frozen=True, slots=True)
class Account:
    """`user` and `group` are what a process is to be started with; None when it is run as we are."""

    uid: int
    user: str | None = None
    group: int | None = None

    def make_directory(self, path: Path) -> None:
        """A private directory of the account."""
        path.mkdir(mode=0o700)
        self._own(path)

    def write(self, path: Path, text: str) -> None:
        """A file that nobody but the account can read."""
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self._own(path)

    def remove(self, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)

    def _own(self, path: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(path, self.uid, self.group)


def account() -> Account:
    """Ours; for root that of `nobody`. Raises `ConfigError` when there is no such user."""
    if os.geteuid() != 0:
        return Account(os.geteuid())
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise ConfigError(
            "PostgreSQL does not run as root and this system has no user nobody: start as another user, "
            "or set DATABASE_URL"
        ) from None
    return Account(nobody.pw_uid, nobody.pw_name, nobody.pw_gid)


def can_reach(runner: Account, path: Path) -> bool:
    """Whether `runner` can read `path` (and execute or enter it) and enter every directory above it."""
    if runner.user is None:
        return True
    path = path.resolve()
    return _grants(runner, path, 0o5) and all(_grants(runner, parent, 0o1) for parent in path.parents)


def _grants(runner: Account, path: Path, needed: int) -> bool:
    found = path.stat()
    if found.st_uid == runner.uid:
        granted = found.st_mode >> 6
    elif found.st_gid == runner.group:
        granted = found.st_mode >> 3
    else:
        granted = found.st_mode
    return stat.S_IMODE(granted) & needed == needed


def place(wanted: Path, runner: Account) -> Path:
    """The directory for the data: `wanted`, or one elsewhere when `runner` cannot reach it there.

    `wanted` is made in any case and then names the other place in its file `place`. Directories that exist keep
    their permissions, so what is private stays so.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    wanted = wanted.resolve()
    if elsewhere := moved_to(wanted):
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        return elsewhere
    if can_reach(runner, wanted):
        return wanted
    if (wanted / "data").exists():
        raise ConfigError(
            f"{wanted / 'data'}: expected user {runner.user}, which runs PostgreSQL for root, to reach it; "
            "a directory above it was closed: open it, start as another user, or set DATABASE_URL"
        )
    for parent in OUTSIDE:
        if parent.is_dir() and os.access(parent, os.W_OK) and can_reach(runner, parent):
            elsewhere = parent / f"ptj-{secrets.token_hex(4)}"
            elsewhere.mkdir(mode=0o755)
            elsewhere.chmod(0o755)  # whatever the umask
            (wanted / "place").write_text(f"{elsewhere}\n")
            log.warning("user %s cannot reach %s: the database is kept in %s", runner.user, wanted, elsewhere)
            return elsewhere
    raise ConfigError(
        f"PTJ_HOME: expected a place that user {runner.user}, which runs PostgreSQL for root, can reach; "
        f"received {wanted}: choose another, start as another user, or set DATABASE_URL"
    )


def moved_to(wanted: Path) -> Path | None:
    """Where `place` put what was wanted there; None when it lies there. Who removes the one should remove the other."""
    named = wanted / "place"
    return Path(named.read_text().strip()) if named.exists() else None


def readable_copy(sources: Sequence[Path], base: Path, target: Path) -> Path:
    """Copy `sources` to `target`, where they lie as they lay under `base` and everyone can read and run them."""
    if not target.exists():
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        for source in sources:
            if source.exists():
                unneeded = shutil.ignore_patterns("*.a", "include")
                shutil.copytree(source, draft / source.relative_to(base), symlinks=True, ignore=unneeded)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        draft.rename(target)
        log.info("copied for another user directory=%s", target)
    return target

"""The access token: issued at most once a minute, kept on disk, shared by every process that uses the key.

The file is named by a hash of host and key, readable by its owner only, replaced in one step, and guarded by a lock,
so that a second process waits for the first one's token instead of asking for its own.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec

from producers.clock import MarketClock
from producers.kis.errors import TokenTooSoon
from schemas.base import Frozen, UtcTime

log = logging.getLogger(__name__)

KST = timezone(timedelta(hours=9))
RENEW_BEFORE = timedelta(minutes=10)
ISSUE_EVERY_S = 60.5  # market seconds; the limit is one a minute, the rest is for clocks that differ


class Issued(Frozen):
    """The reply of the token call."""

    access_token: str
    expires_in: float = 0.0  # seconds
    access_token_token_expired: str = ""  # Korean local time


class Kept(Frozen):
    """What stands in the file."""

    access_token: str | None = None
    expires_at: UtcTime | None = None  # by the clock of the server that issued it
    asked_at: float = 0.0  # wall seconds since 1970 of the newest issue call, answered or not
    asked_market: UtcTime | None = None  # when that was answered, by a simulated market's clock


class Tokens:
    """The token of one key. `issue` makes the call; `clock` tells the server's time."""

    def __init__(
        self,
        directory: Path,
        host: str,
        app_key: str,
        issue: Callable[[], Awaitable[Issued]],
        clock: MarketClock,
    ) -> None:
        name = hashlib.blake2b(f"{host}\n{app_key}".encode(), digest_size=12).hexdigest()
        self._path = directory / f"kis-{name}.json"
        self._issue, self._clock = issue, clock
        self._kept: Kept | None = None
        self._single = asyncio.Lock()
        self.waiting = False  # for the once-a-minute limit

    async def get(self) -> str:
        """The token in force: from memory, from the file, or a fresh one. Raises what `issue` raises."""
        if self._kept and self._usable(self._kept):
            return self._kept.access_token or ""
        return await self._obtain(rejected=None)

    async def renew(self, rejected: str) -> str:
        """Another token than `rejected`. Callers at the same time share one issue call."""
        return await self._obtain(rejected)

    async def _obtain(self, rejected: str | None) -> str:
        async with self._single, self._locked():
            kept = self._read()
            if self._usable(kept) and kept.access_token != rejected:
                self._kept = kept
                return kept.access_token or ""
            for last in (False, False, True):
                await self._wait_for_turn(kept)
                kept = msgspec.structs.replace(kept, asked_at=time.time(), asked_market=None)
                self._write(kept)  # before the call: a crash within it counts too
                try:
                    issued = await self._issue()
                except TokenTooSoon:  # another machine uses the key
                    if last:
                        raise
                    continue
                break
            self._kept = msgspec.structs.replace(
                kept,
                access_token=issued.access_token,
                expires_at=self._expiry(issued),
                asked_market=self._market_time(),  # the first reply of all tells it, hence not before the call
            )
            self._write(self._kept)
            log.info("token issued expires_at=%s", self._kept.expires_at)
            return issued.access_token

    def _usable(self, kept: Kept) -> bool:
        if not kept.access_token or kept.expires_at is None:
            return False
        if not self._clock.synced:
            return True  # whose clock counts is not known yet; the first reply tells
        return kept.expires_at - self._clock.now() > RENEW_BEFORE

    def _expiry(self, issued: Issued) -> datetime:
        now = self._clock.now()
        by_life = now + timedelta(seconds=issued.expires_in)
        try:
            said = datetime.strptime(issued.access_token_token_expired.strip(), "%Y-%m-%d %H:%M:%S")
        except ValueError:
            return by_life
        by_date = said.replace(tzinfo=KST).astimezone(UTC)
        # A token returned a second time keeps its date, while its life may be told anew. A date that has passed
        # already comes from another clock than ours.
        return by_date if now + RENEW_BEFORE < by_date < by_life else by_life

    async def _wait_for_turn(self, kept: Kept) -> None:
        whole = self._clock.wall_seconds(ISSUE_EVERY_S)
        rest = min(kept.asked_at + whole - time.time(), whole)
        now = self._market_time()
        if now is not None and kept.asked_market is not None and now > kept.asked_market:
            # A simulated market skips closed hours: its minute can be over before ours is.
            passed = (now - kept.asked_market).total_seconds()
            rest = min(rest, self._clock.wall_seconds(ISSUE_EVERY_S - passed))
        if rest > 0:
            log.info("token waits for the once-a-minute limit seconds=%.1f", rest)
            self.waiting = True
            try:
                await asyncio.sleep(rest)
            finally:
                self.waiting = False

    def _market_time(self) -> datetime | None:
        return self._clock.now() if self._clock.simulated and not self._clock.frozen else None

    def _read(self) -> Kept:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Kept)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return Kept()

    def _write(self, kept: Kept) -> None:
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".kis-")  # mode 0600 from the start
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(kept))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """Hold the lock of the file against other processes. The holder may wait a minute, so this polls."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.1)
            yield
        finally:
            os.close(lock)  # which gives the lock back

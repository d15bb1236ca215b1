"""What a process under test tells of itself when it has done its part."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter, process_time

from schemas.base import Frozen, encode


class Measured(Frozen):
    """One run: `ticks` folded by every rule, in wall and CPU seconds from the first to the last of them."""

    ticks: int
    wall_s: float
    cpu_s: float
    peak_mb: float  # resident memory, of the whole life of the process
    event_ids: list[str] = []  # what the rules said, where the process keeps it

    @property
    def rate(self) -> float:
        return self.ticks / self.wall_s


class Stopwatch:
    """Starts at the first call of `start`; later ones change nothing."""

    def __init__(self) -> None:
        self._started: tuple[float, float] | None = None

    def start(self) -> None:
        if self._started is None:
            self._started = perf_counter(), process_time()

    @property
    def wall_s(self) -> float:
        return perf_counter() - self._started[0] if self._started else 0.0

    def read(self, ticks: int, event_ids: list[str] | None = None) -> Measured:
        """The figures of now."""
        wall, cpu = self._started or (perf_counter(), process_time())
        return Measured(
            ticks=ticks,
            wall_s=perf_counter() - wall,
            cpu_s=process_time() - cpu,
            peak_mb=peak_mb(),
            event_ids=event_ids or [],
        )


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process ever held, in MiB. That of another one is told on Linux only."""
    if sys.platform == "linux":  # where `ru_maxrss` still counts what the parent held before the exec
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def tell(report: Path, measured: Measured) -> None:
    """Leave `measured` at `report`, whole or not at all."""
    draft = report.with_suffix(".new")
    draft.write_bytes(encode(measured))
    draft.replace(report)


def judged(told: Iterable[tuple[str, float, str, float]], digits: int = 0) -> str:
    """A line for each (name, value, `<=` or `>=`, aim): whether it was met."""
    lines = []
    for name, value, sign, aim in told:
        met = value >= aim if sign == ">=" else value <= aim
        lines.append(f"{'met   ' if met else 'MISSED'}  {name}: {value:,.{digits}f} (aim {sign} {aim:,.0f})")
    return "\n".join(lines)

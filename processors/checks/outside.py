"""Whether a rule knows more than its state and its frame: clock, chance, files, memory of its own, another process."""

from __future__ import annotations

import builtins
import gc
import io
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from types import FrameType, FunctionType, ModuleType
from typing import Any

import msgspec

from processors.checks.replay import Case, difference, replayed, step
from schemas.base import encode

CLOCKS = {
    getattr(time, name)
    for name in (
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "sleep",
        "localtime", "gmtime", "ctime",
    )
}  # fmt: skip
OUTSIDE = {os.urandom, os.getpid, os.getenv, os.listdir, os.stat, builtins.open, io.open, builtins.input}
WITHIN_S = 60


def no_clock(case: Case) -> str | None:
    """Calls to clocks, chance, files and network, seen as they happen, by whatever name the rule has them."""
    found: list[str] = []
    rules = case.fresh()
    home = {getattr(sys.modules.get(kind.__module__), "__file__", None) for kind in type(rules).__mro__[:-1]}

    def watch(frame: FrameType, event: str, called: Any) -> None:
        if found:
            return
        if event == "c_call" and (name := _forbidden(called)):
            found.append(f"{name}(){_line(frame, home)}")
        elif event == "call" and frame.f_code.co_filename == random.__file__:
            found.append(f"random.{frame.f_code.co_name}(){_line(frame, home)}")

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # a collection in the middle of a rule runs the callbacks of whoever asked for them
    sys.setprofile(watch)
    try:
        state, _ = replayed(rules, case.records)
        rules.views(state)
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return f"it calls {found[0]}" if found else None


def _forbidden(called: Any) -> str | None:
    owner = getattr(called, "__self__", None)
    name = getattr(called, "__name__", "")
    try:
        if called in CLOCKS or called in OUTSIDE:
            return f"{getattr(called, '__module__', None) or 'os'}.{name}"
    except TypeError:  # not hashable
        return None
    if isinstance(owner, type) and issubclass(owner, date) and name in ("now", "utcnow", "today"):
        return f"{owner.__name__}.{name}"
    if isinstance(owner, random.Random):
        return f"random.{name}"
    if isinstance(owner, socket.socket):
        return f"socket.{name}"
    if type(owner).__module__.startswith("numpy.random"):
        return f"numpy.random.{name}"
    return None


def _line(frame: FrameType, home: set[str | None]) -> str:
    """Where in the rule's own file the call comes from."""
    at: FrameType | None = frame
    while at is not None:
        if at.f_code.co_filename in home:
            return f" in line {at.f_lineno} of {os.path.basename(at.f_code.co_filename)}"
        at = at.f_back
    return ""


def no_hidden_state(case: Case) -> str | None:
    """New instances agree, one instance serves two books at once, and nothing but the states is left changed."""
    rule = case.fresh()
    before = dict(_memory(rule))
    again = replayed(case.fresh(), case.records)[1]
    if found := difference(case.book, case.events, [event for events in again for event in events]):
        return f"a second instance differs: {found}"
    alone = replayed(case.fresh(), case.other)[1]
    states = [rule.initial(), rule.initial()]
    for position in range(max(len(case.records), len(case.other))):
        sides = ((case.records, case.said), (case.other, alone))
        for side, (records, wanted) in enumerate(sides):
            if position >= len(records):
                continue
            states[side], events = step(rule, states[side], records[position], position)
            if found := difference(case.book, wanted[position], events):
                return f"with two books in turn, {found}"
    for place, told in _memory(rule):
        if before.get(place, told) != told:
            return f"{place} has changed"
    return None


def _memory(rule: Any) -> Iterator[tuple[str, str]]:
    """What a rule could keep outside of its state: its own fields, its class's, its modules' names."""
    for name in _fields(rule):
        yield f"the field {name} of the rule", _print_of(getattr(rule, name, None))
    for kind in type(rule).__mro__[:-1]:
        for name, value in vars(kind).items():
            if not name.startswith("__") and not callable(value) and not hasattr(value, "__get__"):
                yield f"the class variable {kind.__name__}.{name}", _print_of(value)
        module = sys.modules.get(kind.__module__)
        for name, value in vars(module).items() if module else ():
            if not name.startswith("__") and not isinstance(value, ModuleType | type):
                yield f"the global {kind.__module__}.{name}", _print_of(value)
                if isinstance(value, FunctionType):
                    yield f"a default of {kind.__module__}.{name}", repr((value.__defaults__, value.__kwdefaults__))


def _fields(rule: Any) -> list[str]:
    slots = [name for kind in type(rule).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*slots, *getattr(rule, "__dict__", {})]


def _print_of(value: Any) -> str:
    try:
        return repr(msgspec.json.encode(value))
    except Exception:  # whatever it is, it has a repr
        return repr(value)


def same_elsewhere(case: Case, rule: str, book: str, seed: int) -> str | None:
    """Another process, with another hash seed and another time zone, says the same."""
    program = [sys.executable, "-m", "processors.checks.elsewhere", rule, str(seed)]
    environment = os.environ | {
        "PYTHONHASHSEED": "4242",
        "TZ": "Pacific/Kiritimati",
        "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path),
    }
    try:
        told = subprocess.run(
            program, env=environment, input=book, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"another process needs more than {WITHIN_S} s"
    if told.returncode:
        return f"another process broke: {(told.stderr.strip().splitlines() or ['without a word'])[-1]}"
    return None if told.stdout.strip() == digest(case) else "another process says something else of the same market"


def digest(case: Case) -> str:
    """One word for everything that was said."""
    return blake2b(b"".join(encode(event) for event in case.events), digest_size=16).hexdigest()

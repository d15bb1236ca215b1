"""Helpers that many tests share."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

from runtime.embedded.ports import free_port

__all__ = ["eventually", "free_port"]

T = TypeVar("T")


async def eventually(predicate: Callable[[], T | Awaitable[T]], timeout_s: float = 20.0, every_s: float = 0.05) -> T:
    """Call `predicate`, plain or async, until what it returns is true, and return that.

    An `AssertionError` in it counts as not yet. Raises `AssertionError` with the last one, or with the last
    value, after `timeout_s`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while True:
        why: AssertionError | None = None
        value: object = None
        try:
            told = predicate()
            value = await told if inspect.isawaitable(told) else told
            if value:
                return value  # type: ignore[return-value]
        except AssertionError as error:
            why = error
        if loop.time() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {why or f'last value {value!r}'}") from why
        await asyncio.sleep(every_s)

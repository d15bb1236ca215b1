"""How the feed fares, in a few words, from the status file that the producer keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from runtime.places import Home


def status_file(home: Home) -> Path:
    return home.run / "producer-status.json"


def feed_words(home: Home, pid: int) -> str:
    """Like `websocket, 16 of 16 symbols, 2026-11-23 regular`; empty until the producer `pid` has told."""
    try:
        told: dict[str, Any] = msgspec.json.decode(status_file(home).read_bytes())
        if told["pid"] != pid:
            return ""
        symbols = told["tickers"]
        fine = sum(ticker["state"] == "ok" for ticker in symbols)
        words = [told["feed"] or "no feed", f"{fine} of {len(symbols)} symbols"]
        if told["trade_date"]:
            words.append(f"{told['trade_date']} {told['session']}")
        words += [f"{part} {told[part]}" for part in ("broker", "kafka") if told[part] != "ok"]
        return ", ".join(words + ([told["reason"]] if told["reason"] else []))
    except (OSError, msgspec.DecodeError, LookupError, TypeError):
        return ""  # not there yet, or of another version

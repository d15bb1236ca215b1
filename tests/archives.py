"""Archived days in tests: a copy of one in which a single price is another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet


def altered(path: Path, copy: Path, *, fall_pct: float = 20.0) -> dict[str, Any]:
    """Copy the day at `path` with one quote of the regular session that fell by `fall_pct`; returns the tick as it was.

    A fall beyond every stop line, of a symbol that stood above it and comes back above it with the next frame: the stop
    loss, which never waits, must say so.
    """
    table = pyarrow.parquet.read_table(path)
    values = table.column("value").to_pylist()
    row, before = _fallen(values, fall_pct)
    column = pyarrow.array(values, type=table.schema.field("value").type)
    table = table.set_column(table.schema.get_field_index("value"), table.schema.field("value"), column)
    pyarrow.parquet.write_table(table, copy)
    return {"row": row} | before


def _fallen(values: list[bytes], fall_pct: float) -> tuple[int, dict[str, Any]]:
    regular = False
    for row in range(len(values)):
        record = json.loads(values[row])
        regular = regular or record.get("session") == "regular"
        if not regular or record["kind"] != "frames" or row < len(values) // 4:
            continue
        for tick in record["frames"][0]["ticks"]:
            if tick["state"] == "ok" and tick["change_pct"] > -2:
                before = dict(tick)
                tick["last"] = round(tick["base"] * (1 - fall_pct / 100), 4)
                tick["change_pct"] = -fall_pct
                values[row] = json.dumps(record).encode()
                return row, before
    raise AssertionError("no quote to alter")

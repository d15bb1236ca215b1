"""One rule file and one catalogue entry make a table, an event, a row, a view and a place in the stream."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import psycopg
import pytest

from schemas.catalogue import SHIPPED
from schemas.topics import changelog
from tests.line import events_of, log_of
from tests.stages import Reader, line_of
from tests.support import eventually

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-signal.md"
ENTRY = """
[[signal]]
type = "breadth"
rule = "my_breadth:Breadth"
title_en = "Breadth"
title_ko = "시장 폭"
"""


@pytest.mark.timeout(180)
async def test_a_rule_file_and_an_entry_are_enough(kafka, database_url, namespace, parts_home, tmp_path):
    rule = re.search(r"```python\n(# processors/rules/breadth\.py\n.*?)```", GUIDE.read_text(), re.DOTALL)
    assert rule, "the guide shows a whole rule"
    (tmp_path / "my_breadth.py").write_text(rule[1])
    catalogue = tmp_path / "signals.toml"
    catalogue.write_text(SHIPPED.read_text() + ENTRY)
    settings = {"PTJ_SIGNALS": str(catalogue), "PYTHONPATH": str(tmp_path)}
    async with line_of(
        kafka.bootstrap_servers, database_url, parts_home / namespace, namespace=namespace, extra=settings
    ) as line:
        await line.start("simulator", "processor-0", "sink", "api")
        reader = Reader(line.api_url)
        reading = asyncio.create_task(reader.run())
        await eventually(lambda: reader.connections, timeout_s=20)
        await line["producer"].start()

        async def spoke() -> list[str]:
            events = await events_of(kafka, namespace)
            return [event.event_id for event in events if event.signal_type == "breadth"]

        said = await eventually(spoke, timeout_s=40)
        assert await log_of(kafka, namespace, changelog("breadth")), "its table has a changelog of its own"
        await eventually(lambda: set(said) <= set(reader.ids))
        reading.cancel()

        async def stored() -> bool:
            async with await psycopg.AsyncConnection.connect(database_url) as connection:
                rows = await connection.execute("SELECT event_id FROM signal_events WHERE signal_type = 'breadth'")
                return set(said) <= {row[0] for row in await rows.fetchall()}

        await eventually(stored)
        async with httpx.AsyncClient(base_url=line.api_url) as client:

            async def shown() -> bool:
                answer = await client.get("/api/signals/breadth")
                return answer.status_code == 200 and "up_pct" in json.dumps(answer.json())

            await eventually(shown)
            assert "breadth" in (await client.get("/api/signals")).json()

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sinks.months import months


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([], [], id="no rows, no month"),
        pytest.param([datetime(2026, 2, 10, 15, tzinfo=UTC)], ["2026-02", "2026-03"], id="the next one is made ahead"),
        pytest.param([datetime(2025, 12, 31, tzinfo=UTC)], ["2025-12", "2026-01"], id="over the year"),
        pytest.param(
            [datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=9)))],
            ["2026-02", "2026-03"],
            id="months are UTC's",
        ),
        pytest.param([datetime(1970, 1, 1, tzinfo=UTC)], [], id="an absurd time makes no table"),
        pytest.param([datetime(9999, 12, 31, tzinfo=UTC)], [], id="nor does the end of time"),
    ],
)
def test_the_months_that_rows_need(times, expected):
    assert [f"{first:%Y-%m}" for first in months(times)] == expected

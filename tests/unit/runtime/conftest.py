"""Settings that see nothing of the machine they are tested on."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No setting in the environment and no `.env`; the test sets what it needs."""
    for name in list(os.environ):
        if name.startswith(("PTJ_", "KIS_", "KAFKA_")) or name in ("DATABASE_URL", "POSTGRES_PASSWORD"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PTJ_ENV_FILE", "")
    return monkeypatch

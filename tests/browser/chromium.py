"""Which Chromium is used, and how it is started: from `PTJ_CHROMIUM` or the system, with no reach beyond loopback."""

from __future__ import annotations

import os
from pathlib import Path

CHROMIUM = Path(os.environ.get("PTJ_CHROMIUM") or "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

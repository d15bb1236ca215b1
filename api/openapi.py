"""The OpenAPI document without a running line: ``python -m api.openapi`` prints it.

It is what the dashboard's types are made from, so it must not depend on settings, brokers or databases.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from api.app import create_app
from api.config import ApiConfig
from transport.kafka import Kafka


def document() -> dict[str, Any]:
    """The document that `/api/openapi.json` serves."""
    nowhere = ApiConfig(kafka=Kafka("localhost:9092"), namespace="demo", database_url="", catalogue=())
    return create_app(nowhere).openapi()


def main() -> int:
    sys.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

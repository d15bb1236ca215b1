"""What a request may need, in one place: `PartsOf` in a route's signature brings it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.config import ApiConfig
from api.database import Database
from api.hub import Hub
from api.progress import Board
from api.state import Live
from api.tail import Tail


@dataclass(frozen=True, slots=True)
class Parts:
    config: ApiConfig
    live: Live
    hub: Hub
    board: Board
    tail: Tail
    database: Database
    reporting: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while a report is made

    def close_streams(self) -> None:
        """End every stream, so that the server need not wait for them."""
        self.hub.close()
        self.board.close()


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(_parts)]

"""The pages of the dashboard and the ways to look at them."""

from __future__ import annotations

from typing import Any

# Path and the name of its navigation entry, Korean and English.
PAGES = {
    "/": ("전체 요약", "Overview"),
    "/market": ("시황", "Market"),
    "/twins": ("쌍둥이", "Twins"),
    "/conditional": ("조건부", "Conditional"),
    "/bearish": ("하락장", "Falling market"),
    "/tickers": ("전체 종목", "All tickers"),
    "/signals": ("신호 기록", "Signals"),
    "/review": ("리뷰", "Review"),
    "/backtests": ("백테스트", "Backtests"),
    "/parameters": ("파라미터", "Parameters"),
    "/health": ("상태", "Health"),
}
MOVING = ("/", "/market", "/twins", "/conditional", "/bearish", "/tickers", "/health")  # what prices move
WIDTHS = {1440: 900, 768: 1024, 390: 844}


def looking(url: str, **preferences: str) -> dict[str, Any]:
    """Options of a browser context whose reader chose `preferences`: language, theme, scheme, zone, sidebar."""
    chosen = [{"name": f"ptj.{name}", "value": value} for name, value in preferences.items()]
    return {"storage_state": {"cookies": [], "origins": [{"origin": url, "localStorage": chosen}]}}

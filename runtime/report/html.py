"""Pieces of a page: everything that is text is escaped here, and nothing comes from outside of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from runtime.report.terminal import DEMO_SAID

HERE = Path(__file__).parent
Cell = str | tuple[str, str]  # text, or text and class


def text(value: object) -> str:
    return escape(str(value), quote=True)


def prose(value: object) -> str:
    """Text in which a date is not broken over two lines."""
    return re.sub(r"\d{4}-\d\d-\d\d", r'<span class="whole">\g<0></span>', text(value))


def document(title: str, *, demo: bool, head: str, body: Iterable[str], foot: str) -> str:
    """A whole page. `head`, `body` and `foot` are HTML."""
    mark = f'<p class="demo"><b>DEMO</b> {text(DEMO_SAID.capitalize())}.</p>' if demo else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{'DEMO · ' if demo else ''}{text(title)}</title>\n"
        f"<style>\n{(HERE / 'page.css').read_text('utf-8')}</style>\n</head>\n<body>\n"
        f"{mark}\n<header>{head}</header>\n<main>\n{''.join(body)}</main>\n<footer>{foot}</footer>\n"
        f"<script>\n{(HERE / 'page.js').read_text('utf-8')}</script>\n</body>\n</html>\n"
    )


def section(title: str, inner: str, *, about: str = "", name: str = "") -> str:
    said = f'<p class="about">{text(about)}</p>' if about else ""
    kind = f' class="{name}"' if name else ""
    return f"<section{kind}><h2>{text(title)}</h2>{said}{inner}</section>\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, left: int = 1, name: str = "") -> str:
    """A table whose first `left` columns are words and whose others are numbers."""
    columns = "".join(f"<th{'' if place < left else ' class=n'}>{text(head)}</th>" for place, head in enumerate(heads))
    body = "".join(f"<tr>{cells(row, left)}</tr>" for row in rows)
    kind = f' class="{name}"' if name else ""
    return f'<div class="scroll"><table{kind}><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table></div>'


def cells(row: Sequence[Cell], left: int) -> str:
    found = []
    for place, cell in enumerate(row):
        said, kind = (cell, "") if isinstance(cell, str) else cell
        kinds = " ".join(filter(None, ("n" if place >= left else "", kind)))
        found.append(f'<td class="{kinds}">{text(said)}</td>' if kinds else f"<td>{text(said)}</td>")
    return "".join(found)


def definitions(rows: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<div><dt>{text(name)}</dt><dd>{prose(said)}</dd></div>' for name, said in rows)}</dl>"


def direction(value: float | None) -> str:
    """The class of a number that says by its colour which way it went."""
    return "" if not value else "up" if value > 0 else "down"

"""Run by `outside.same_elsewhere` in a process of its own: prints what a rule says of a market, as one word."""

from __future__ import annotations

import sys

import msgspec

from processors.checks.outside import digest
from processors.checks.run import case_of
from schemas.book import Book
from schemas.catalogue import SignalType


def main() -> None:
    """Arguments: `type=module:Class` and the seed; the book comes as JSON on standard input."""
    name, _, rule = sys.argv[1].partition("=")
    book = msgspec.json.decode(sys.stdin.read(), type=Book)
    print(digest(case_of(SignalType(type=name, rule=rule), book, int(sys.argv[2]))))


if __name__ == "__main__":
    main()

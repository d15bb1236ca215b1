"""From the broker to `ticks`: clients, feeds, the market's clock and day, and the one writer of a book."""

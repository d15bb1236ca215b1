"""Yahoo on loopback, as yfinance knows it: charts, cookies and crumbs, limits and bad days."""

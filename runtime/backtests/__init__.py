"""Runs: history through the same agents, on topics of its own."""

"""Figures that the product promises, each printed with a baseline of the same run."""

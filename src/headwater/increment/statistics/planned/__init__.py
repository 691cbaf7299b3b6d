"""Planned: what is fixed before the start, how many are asked and what is done with giants."""

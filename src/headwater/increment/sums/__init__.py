"""Sums: many rows of the database added up in one pass, exactly, for every estimator at once."""

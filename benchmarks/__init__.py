"""Headline figures, each one command; `python -m benchmarks` prints them all from one run."""

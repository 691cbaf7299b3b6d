"""Tests of workers get a database of their own."""

from tests.own_database import own_pool

__all__ = ["own_pool"]

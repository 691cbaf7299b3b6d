"""Pooled: units that say little alone, read together in worlds whose truth is known."""

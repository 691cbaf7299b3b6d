"""Pooled: units too small to be read alone, read together."""

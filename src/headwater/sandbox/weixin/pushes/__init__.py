"""Pushes: what the platform tells a merchant's server, and what it makes of the reply."""

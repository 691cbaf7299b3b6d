"""Processes that call the outside with the same credentials, and share what is allowed."""

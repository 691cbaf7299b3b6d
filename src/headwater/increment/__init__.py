"""increment."""

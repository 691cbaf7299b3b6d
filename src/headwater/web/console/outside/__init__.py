"""The outside as headquarters sees it: permissions that people give to us there."""

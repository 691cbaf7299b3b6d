"""Which pages of the mini program are published; until somebody says so, every page is."""

from __future__ import annotations

import re

LOOKS_RIGHT = re.compile(r"[0-9A-Za-z_\-]+(?:/[0-9A-Za-z_\-]+)*(?:\.html)?\Z")


class ProgramPages:
    """The released version's list of pages."""

    def __init__(self) -> None:
        self._published: frozenset[str] | None = None
        self.is_released = True

    def publish(self, pages: list[str] | None) -> None:
        """Only these pages exist from now on; None lets every page exist."""
        self._published = None if pages is None else frozenset(pages)

    def has(self, page: str) -> bool:
        """Whether the page, without its query, is in the released version."""
        path = page.partition("?")[0]
        if not LOOKS_RIGHT.match(path):
            return False
        return self._published is None or path in self._published

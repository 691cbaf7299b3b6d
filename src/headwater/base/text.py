"""Names that exist in both languages."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Text:
    """A name or sentence said in Chinese and in English."""

    zh: str
    en: str

    def said_in(self, language: str) -> str:
        """Choose the reader's language; Chinese where there is no English."""
        return self.en if language == "en" and self.en else self.zh


def mask_phone(phone: str) -> str:
    """Show as much of a phone number as its owner needs to know it again."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 7 else "****"


def mask_name(name: str) -> str:
    """Show the family name only."""
    return f"{name[:1]}**" if name else ""

"""Headwater: a brand's own shop, guides, members and measure of increment."""

__version__ = "0.1.0"

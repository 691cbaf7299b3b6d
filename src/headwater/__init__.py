"""Headwater: a brand's own shop, guides, members and measure of increment."""

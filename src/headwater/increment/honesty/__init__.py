"""Honesty: a brand's own figures tried on what is known to be nothing."""

"""Studies: each asks one promise of many worlds."""

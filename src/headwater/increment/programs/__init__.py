"""Programs: the holdout of a whole brand, which rotates, and the total that it gives."""

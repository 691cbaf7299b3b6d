"""The Complete Journey: a year of real-pattern receipts, out of its package and into the rooms."""

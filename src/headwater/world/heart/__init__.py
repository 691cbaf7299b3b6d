"""The heart of a world: who buys when, and why; pure, seeded, and fast."""

"""Rollouts: waves of stores that are drawn, launched, asked about by others, and read.

Begins at rollouts.plan; ends at readings.read. `switches.is_on` answers whoever wants to know
whether a store has started.
"""

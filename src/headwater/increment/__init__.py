"""Increment: what would not have happened without us.

Owns       experiments, arms, unit_arms, merges, exposures, readings
Readable   experiments, arms, unit_arms, exposures, readings
Announces  MeasuredIncrement
Begins at  experiments.launch; ends at readings.read
"""

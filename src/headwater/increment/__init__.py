"""Increment: what would not have happened without us.

Owns       experiments, arms, exposures, readings
Readable   experiments, arms, exposures, readings
Announces  MeasuredIncrement
Begins at  experiments.launch; ends at readings.read
"""

"""Increment: what would not have happened without us.

Owns       experiments, arms, unit_arms, books, merges, exposures, readings, rollouts,
           rollout_stores, interventions, trials
Readable   experiments, arms, unit_arms, exposures, readings, rollouts, rollout_stores
Announces  MeasuredIncrement
Begins at  experiments.launch; ends at readings.read
"""

"""Scan and go: somebody walks through a store, scans, pays and walks out.

Owns       visits, exits
Readable   visits, exits
Announces  (nothing)
Begins at  visits.start; ends at exits.check
"""

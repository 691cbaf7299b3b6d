"""Base: the ground; it knows no retail.

Owns       migrations, wall, outbox, missed_reactions, jobs, clocks, limits
Readable   migrations, wall
Announces  (nothing)
Begins at  settings.read and db.Pool.open; ends at events.announce and jobs.enqueue
"""

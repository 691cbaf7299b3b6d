"""Embedded PostgreSQL, migrations, and the lint of what they made.

Begins at  supervisor.start (our own server), migrate.apply (any server), lint.violations
"""

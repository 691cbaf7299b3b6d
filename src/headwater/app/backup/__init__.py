"""Backups: the database, the pictures and, if asked for, the secrets, each with its digest."""

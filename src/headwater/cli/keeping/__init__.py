"""What keeps a house safe: backups and keys."""

"""Imports: other systems' data, read, checked and handed to the rooms that own the rows."""

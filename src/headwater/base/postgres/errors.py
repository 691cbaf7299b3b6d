"""What can be wrong with the ground, each as one line that tells its reader what to do."""

from __future__ import annotations


class GroundTrouble(Exception):
    """The database cannot be had; the text is one line for the person who started the program."""


class FolderNotWritable(GroundTrouble):
    """The folder for the data cannot be written."""


class DiskFull(GroundTrouble):
    """There is no room for the data."""


class PortTrouble(GroundTrouble):
    """No free port on the loopback address could be had."""


class DatabaseTooOld(GroundTrouble):
    """The server is older than what the schema needs."""


class DatabaseWouldNotStart(GroundTrouble):
    """The embedded server ended or stayed silent while starting."""


class KeysLost(GroundTrouble):
    """The data are there, but the file with their passwords is not."""


class DataLost(GroundTrouble):
    """The passwords are there, but the data that they open are not."""


class MigrationRefused(GroundTrouble):
    """The migrations in the folder do not continue those that the database has."""


class MigrationFailed(GroundTrouble):
    """A migration ended in an error, and nothing of it was kept."""

"""Sandbox: Tencent's servers on their real wire, for a laptop without credentials.

Owns       people, money, chats, customers, audiences, files: in memory, and in a state file
Readable   nothing; what it knows is asked for through its hosts and its side doors
Announces  notices and pushes, sealed and signed, on the platform's schedule
Begins at  simulated.make_sandbox (in process) or serve.run (a port a host); imports no other room

The credentials are one JSON document with a section for each host and application; clients need
nothing else. docs/sandbox.md names every field, every side door and every misbehaviour.
`pay.only_the_sandbox_holds` is for its own restart; no client has any use for it.
"""

from headwater.sandbox.credentials import Credentials, Hosts, at_hosts, make_credentials
from headwater.sandbox.serve import CannotServe, Start, read_credentials, run
from headwater.sandbox.simulated import Sandbox, make_sandbox

__all__ = [
    "CannotServe",
    "Credentials",
    "Hosts",
    "Sandbox",
    "Start",
    "at_hosts",
    "make_credentials",
    "make_sandbox",
    "read_credentials",
    "run",
]

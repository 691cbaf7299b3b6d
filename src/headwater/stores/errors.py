"""What stores refuse."""

from __future__ import annotations

from headwater.base.errors import NotFound, Refusal


class WrongLogin(Refusal):
    """The login or the password is not right; we do not say which."""

    status = 401


class StoreGone(Refusal):
    """There is no such store, or it is closed."""

    status = 404


class LoginTaken(Refusal):
    """Somebody works or worked here under this login already."""


class NoSuchMachine(NotFound):
    """There is no machine of this name, or it was let go."""


class MachineExists(Refusal):
    """A machine has this name already."""

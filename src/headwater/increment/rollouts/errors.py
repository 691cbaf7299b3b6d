"""What rollouts refuse."""

from __future__ import annotations

from headwater.base.errors import NotFound, Refusal


class NoSuchRollout(NotFound):
    """There is no rollout with this id or code."""


class RolloutExists(Refusal):
    """Another rollout has this code; nothing was written."""


class DrawMoved(Refusal):
    """The brand's weeks changed since the draw was shown, and with them the draw; look again."""


class StartIsPast(Refusal):
    """A rollout launches before its first wave starts, so that nobody can know its weeks."""

    status = 422


class NotPlanned(Refusal):
    """Only a rollout that is planned launches, and it launches once."""


class NotRunning(Refusal):
    """Only a rollout that was not stopped before can be changed."""

"""What reach refuses."""

from __future__ import annotations

from headwater.base.errors import NotFound, Refusal


class NoSuchSegment(NotFound):
    """There is no segment with this id."""


class NoSuchCampaign(NotFound):
    """There is no campaign with this id."""


class NotADraft(Refusal):
    """The campaign was launched, or stopped, already."""


class NobodyToReach(Refusal):
    """Nobody in the segment allows this message and can be found on its channel."""

"""What the kit itself refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class ForeignForm(Refusal):
    """The form was not sent from one of our own pages, or its page is too old."""

    status = 403

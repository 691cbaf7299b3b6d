"""What the catalog refuses."""

from __future__ import annotations

from headwater.base.errors import Refusal


class ProductGone(Refusal):
    """There is no such product, or it is no longer listed."""

    status = 404


class UnknownBarcode(Refusal):
    """No item carries this barcode."""

    status = 404

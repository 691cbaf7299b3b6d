"""The states of an order, and the only ways from one to another."""

from __future__ import annotations

# From a state, to a state, because of what. Every change is one compare-and-set on such a pair.
TRANSITIONS: dict[tuple[str, str], str] = {
    ("placed", "paid"): "the money came",
    ("placed", "closed"): "nobody paid in time, or the shopper changed their mind",
    ("closed", "paid"): "the money came late and the stock was still there",
    ("paid", "handed_over"): "the goods are with the shopper",
    ("paid", "refunded"): "all the money went back before the goods did",
    ("handed_over", "refunded"): "all the money went back after the goods came back",
}


def is_declared(from_state: str, to_state: str) -> bool:
    """Tell whether an order may go from one state to the other."""
    return (from_state, to_state) in TRANSITIONS

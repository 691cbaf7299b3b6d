"""The priced cart: every fen has a reason, and nothing costs less than nothing."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from headwater.pricing.quotes import Offer, ToPrice, price

FEN = st.integers(0, 1_000_000)
LINES = st.lists(
    st.builds(
        ToPrice,
        st.uuids(),
        st.integers(1, 999),
        FEN,
        st.none() | FEN,
        st.none() | FEN,
    ),
    min_size=1,
    max_size=12,
)
OFFERS = st.lists(
    st.builds(Offer, st.uuids(), st.sampled_from(["threshold", "coupon"]), FEN, FEN),
    max_size=5,
)


@given(LINES, OFFERS, st.booleans())
def test_lines_sum_to_the_cart_and_parts_to_the_line(
    lines: list[ToPrice], offers: list[Offer], is_member: bool
) -> None:
    quote = price(lines, offers, is_member)
    assert quote.goods_fen - quote.discount_fen == quote.payable_fen
    assert sum(line.payable_fen for line in quote.lines) == quote.payable_fen
    for line, asked in zip(quote.lines, lines, strict=True):
        assert line.goods_fen == asked.unit_fen * asked.quantity
        assert sum(part.amount_fen for part in line.parts) == line.discount_fen
        assert all(part.amount_fen > 0 for part in line.parts)
        assert 0 <= line.payable_fen <= line.goods_fen
        if asked.flash_unit_fen is not None:
            assert {part.kind for part in line.parts} <= {"flash", "member"}
    assert len({offer.kind for offer in quote.used}) == len(quote.used)


def test_only_the_best_offer_that_is_reached_counts() -> None:
    offers = [Offer(UUID(int=n), "threshold", n * 100, n * 10) for n in (1, 2, 9)]
    quote = price([ToPrice(UUID(int=1), 1, 500)], offers, is_member=False)
    assert quote.used == (offers[1],)
    assert quote.payable_fen == 480


def test_the_floor_is_measured_after_the_members_own_price() -> None:
    offer = Offer(UUID(int=1), "threshold", 1_000, 100)
    line = ToPrice(UUID(int=1), 1, 1_000, member_unit_fen=999)
    assert price([line], [offer], is_member=True).payable_fen == 999
    assert price([line], [offer], is_member=False).payable_fen == 900

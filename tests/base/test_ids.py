"""Ids carry what they must, and a simulated world's seed repeats those on which draws hang."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from headwater.base import ids
from headwater.increment.assignment import arm_of


def lived(seed: str, count: int = 20) -> list[UUID]:
    """The members and campaigns that a world of this seed makes, in their order."""
    with ids.seeded(seed):
        return [each for _n in range(count) for each in (ids.new_member(), ids.drawn("campaign"))]


@given(st.text(max_size=20))
def test_the_same_seed_makes_the_same_ids_and_so_the_same_arms(seed: str) -> None:
    once, again = lived(seed), lived(seed)
    assert once == again
    assert len(set(once)) == len(once)
    salt = f"recall:{once[1]}"
    arms = [[arm_of(salt, each, 0.3) for each in world[::2]] for world in (once, again)]
    assert arms[0] == arms[1]


def test_another_seed_makes_other_ids() -> None:
    assert not set(lived("1")) & set(lived("2"))


@given(st.text(max_size=5))
def test_seeded_ids_are_formed_like_all_others(seed: str) -> None:
    made = lived(seed, 5)
    assert all((each.version, each.variant) == (7, RFC_4122) for each in made)
    assert all(ids.is_member(each) for each in made[::2])
    assert made[1::2] == sorted(made[1::2]), "the order in which they were made"


def test_kinds_do_not_disturb_each_other() -> None:
    with ids.seeded("1"):
        ids.drawn("segment")
        assert ids.drawn("campaign") == lived("1")[1]


def test_outside_of_a_seeded_world_nothing_repeats() -> None:
    lived("1")
    assert ids.drawn("campaign") != ids.drawn("campaign")
    assert ids.new_member() not in lived("1")
    assert ids.is_member(ids.new_member())

"""Designs: which stores go first is drawn, so that later nobody needs to explain the choice away.

A draw is a pure function of a salt and the blocks of stores that are alike; the same design can be
drawn again, and so can every other that might have come out, which is what the exact test needs.
Blocks of like stores with one drawn in each: Imbens and Rubin 2015, chapters 9 and 10; Bai, Romano
and Shaikh, JASA 117 (2022), 1726-1737.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from headwater.increment.errors import CannotEstimate, Why
from headwater.increment.places import blocks as alike
from headwater.increment.places.blocks import Block
from headwater.increment.places.panels import Label, Panel, comparable

VERSION: Final = "designs.1"
ONE_STORE: Final = "learning only, no verdict possible"
LEVEL: Final = 0.95
# Stores are told apart by what they sold before; fewer periods tell nothing.
LEAST_HISTORY: Final = 8
# 48 bits, as `assignment` takes for members: a double holds them exactly.
_BYTES: Final = 6

Kind = Literal["paired", "stratified"]
Waves = NDArray[np.int64]


@dataclass(frozen=True)
class Rules:
    """What the business allows: stores a wave, and who may not, must, or no longer can take part.

    Forbidden stores are never treated; forced ones are treated and prove nothing, as nobody drew
    them; contaminated ones are left out on both sides.
    """

    waves: tuple[int, ...]
    kind: Kind = "paired"
    strata: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    contaminated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Campaign:
    """Something else that was done, from one period until another, both included.

    Without stores it was done in all of them.
    """

    since: Label
    until: Label
    stores: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clean:
    """A history without the periods in which a campaign ran, and what was cut out of it."""

    panel: Panel
    cut: tuple[Label, ...]
    flagged: tuple[tuple[str, Label], ...]


@dataclass(frozen=True)
class Design:
    """A draw and everything that it was drawn from; a row that is written once."""

    salt: str
    kind: Kind
    blocks: tuple[Block, ...]
    waves: tuple[int, ...]
    forbidden: tuple[str, ...]
    forced: tuple[str, ...]
    contaminated: tuple[str, ...]
    history_from: str
    history_until: str
    cut: tuple[str, ...]
    version: str = VERSION

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The stores among which was drawn, block by block."""
        return tuple(unit for block in self.blocks for unit in block.units)

    @cached_property
    def waves_of(self) -> dict[str, int]:
        """Each drawn store with the number of its wave, from one; those left alone are not in."""
        return redraw(self, 0)

    @property
    def treated(self) -> tuple[str, ...]:
        """The stores that some wave takes, in their order."""
        return tuple(sorted(self.waves_of, key=lambda unit: (self.waves_of[unit], unit)))

    @cached_property
    def fingerprint(self) -> str:
        """A hash over all that the draw depends upon, and over the draw."""
        return hashlib.sha256(_as_text(_told(self)).encode()).hexdigest()

    @property
    def possible_draws(self) -> int:
        """In how many ways, at most, the stores of the first wave could have come out."""
        if len(self.waves) == 1:
            return math.prod(math.comb(len(each.units), each.treat) for each in self.blocks)
        return math.comb(len(self.units), self.waves[0])

    @property
    def why(self) -> Why | None:
        """The reason for which no verdict can come of this design, if there is one."""
        if self.waves[0] < 2:
            return Why("one_store")
        halves = all(2 * each.treat == len(each.units) for each in self.blocks)
        least = (2 if halves and len(self.waves) == 1 else 1) / self.possible_draws
        if least > 1 - LEVEL:
            return Why("few_possible_draws", draws=self.possible_draws, least=least)
        return None

    @property
    def is_readable(self) -> bool:
        """Whether a verdict can come of it."""
        return self.why is None

    def as_row(self) -> dict[str, Any]:
        """Write the design down, with the draw and its fingerprint."""
        return {**_told(self), "fingerprint": self.fingerprint}


def draw(salt: str, history: Panel, rules: Rules, calendar: Sequence[Campaign] = ()) -> Design:
    """Draw the waves: like stores stand together in blocks, and chance decides within each."""
    _check(history, rules)
    aside = {*rules.forbidden, *rules.forced, *rules.contaminated}
    clean_history = clean(history, calendar, without=sorted(aside))
    if len(clean_history.panel.periods) < LEAST_HISTORY:
        left = len(clean_history.panel.periods)
        raise CannotEstimate("short_history", left=left, least=LEAST_HISTORY)
    eligible = sorted(set(history.units) - aside)
    count = sum(rules.waves)
    if count > len(eligible) or (count == len(eligible) and len(rules.waves) == 1):
        raise CannotEstimate("none_left_to_compare", count=count, eligible=len(eligible))
    panel = clean_history.panel.only(eligible)
    made = (alike.paired if rules.kind == "paired" else alike.stratified)(
        panel, count, rules.strata
    )
    return Design(
        salt=salt,
        kind=rules.kind,
        blocks=made,
        waves=rules.waves,
        forbidden=tuple(sorted(rules.forbidden)),
        forced=tuple(sorted(rules.forced)),
        contaminated=tuple(sorted(rules.contaminated)),
        history_from=str(history.periods[0]),
        history_until=str(history.periods[-1]),
        cut=tuple(str(each) for each in clean_history.cut),
    )


def redraw(design: Design, number: int) -> dict[str, int]:
    """Draw the waves once more; number 0 is the design itself, each other one that might be."""
    taken: list[str] = []
    for block in design.blocks:
        order = sorted(block.units, key=lambda unit: _chance(design.salt, number, "store", unit))
        taken += order[: block.treat]
    if len(design.waves) == 1:
        return dict.fromkeys(taken, 1)
    # Where the waves are of one size, each few neighbours are spread over all of them.
    even = len(set(design.waves)) == 1
    at_once = len(design.waves) if even else len(taken)
    sizes = [1] * len(design.waves) if even else design.waves
    labels = [wave for wave, size in enumerate(sizes, start=1) for _ in range(size)]
    found: dict[str, int] = {}
    for start in range(0, len(taken), at_once):
        few = taken[start : start + at_once]
        few.sort(key=lambda unit: _chance(design.salt, number, "wave", unit))
        found.update(zip(few, labels, strict=True))
    return found


# The same draws serve every reading of a design; nobody writes into them.
@lru_cache(maxsize=4)
def redraws(design: Design, count: int) -> Waves:
    """Give draws 0 to count, one a row: each store's wave in the order of `units`, 0 for none."""
    table = np.zeros((count + 1, len(design.units)), dtype=np.int64)
    column = {unit: at for at, unit in enumerate(design.units)}
    for number in range(count + 1):
        for unit, wave in redraw(design, number).items():
            table[number, column[unit]] = wave
    table.flags.writeable = False
    return table


def clean(panel: Panel, calendar: Sequence[Campaign], without: Sequence[str] = ()) -> Clean:
    """Cut out the periods in which a campaign ran in some store, but for stores that are left out.

    Only cutting them for all keeps the stores comparable; a campaign everywhere is cut out as well,
    because stores differ in what it does to them.
    """
    flagged: dict[tuple[str, Label], None] = {}
    for campaign in calendar:
        comparable([panel.periods[0], campaign.since, campaign.until])
        if campaign.since > campaign.until:
            raise CannotEstimate("campaign_backwards", until=campaign.until)
        for unit in campaign.stores:
            panel.row_of(unit)
        stores = [unit for unit in campaign.stores or panel.units if unit not in set(without)]
        within = [each for each in panel.periods if campaign.since <= each <= campaign.until]
        flagged |= dict.fromkeys((unit, period) for unit in stores for period in within)
    cut = {period for _unit, period in flagged}
    kept = [at for at, period in enumerate(panel.periods) if period not in cut]
    if not kept:
        raise CannotEstimate("nothing_clean")
    in_order = tuple(period for period in panel.periods if period in cut)
    return Clean(panel.within(kept), in_order, tuple(flagged))


def from_row(row: Mapping[str, Any]) -> Design:
    """Read a design back; one whose row was changed after it was written is refused."""
    try:
        blocks = tuple(Block(tuple(each["units"]), each["treat"]) for each in row["blocks"])
        lists = ("waves", "forbidden", "forced", "contaminated", "cut")
        texts = ("salt", "kind", "history_from", "history_until", "version")
        fields: dict[str, Any] = {name: tuple(row[name]) for name in lists}
        fields |= {name: row[name] for name in texts}
        found = Design(
            blocks=blocks,
            **fields,
        )
        written = _as_text(found.as_row())
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CannotEstimate("not_a_design") from error
    if found.version != VERSION or written != _as_text(row):
        raise CannotEstimate("design_changed")
    return found


def _told(design: Design) -> dict[str, Any]:
    return {**asdict(design), "draw": design.waves_of}


def _as_text(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, ensure_ascii=False)


# Rehearsals draw the same stores under the same salt for each stretch of the past.
@lru_cache(maxsize=2**16)
def _chance(salt: str, number: int, what: str, unit: str) -> int:
    digest = hashlib.sha256(f"{salt}:{number}:{what}:{unit}".encode()).digest()
    return int.from_bytes(digest[:_BYTES])


def _check(history: Panel, rules: Rules) -> None:
    """Refuse rules that contradict each other or name stores that there are not."""
    if not rules.waves or any(size < 1 for size in rules.waves):
        raise CannotEstimate("empty_wave")
    for unit in (*rules.forbidden, *rules.forced, *rules.contaminated, *rules.strata):
        history.row_of(unit)
    both = set(rules.forbidden) & set(rules.forced)
    if both:
        raise CannotEstimate("forbidden_and_forced", units=tuple(sorted(both)))
    if rules.strata and (missing := sorted(set(history.units) - set(rules.strata))):
        raise CannotEstimate("in_no_stratum", units=tuple(missing))

"""Arms: from rows to the sums of each arm, in one pass, with every odd row counted.

A row is a member, or one of several rows of a member (weeks, orders) where a unit column is named:
these are added up first. Where members were drawn with their guide or store, its members are added
up once more. The arm's name is looked up in its own column before; all sums come from one scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from headwater.base.errors import BadInput
from headwater.increment.analyst.tables import Number, Table, literal, quoted
from headwater.increment.statistics.moments import Moments

MEMBERS: Final = "members of the cluster"
_MOST_ARMS: Final = 20
_EVERYBODY: Final = "everybody"
# Times 2 ** 32, the most that a small number may be, this is what a double still holds exactly.
_MOST_SMALL: Final = 2**21
Relation = duckdb.DuckDBPyRelation
Column = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """What is asked of the members of a file; `share` is what was to be held out."""

    arm: str
    control: str
    outcomes: tuple[str, ...]
    covariates: tuple[str, ...] = ()
    ratios: tuple[tuple[str, str], ...] = ()
    unit: str | None = None
    cluster: str | None = None
    time: str | None = None
    since: str | None = None
    share: float | None = None

    @property
    def measured(self) -> tuple[str, ...]:
        """The columns that are added up, each once."""
        parts = [name for ratio in self.ratios for name in ratio]
        return tuple(dict.fromkeys((*self.outcomes, *parts)))

    def known_before(self, *names: str) -> tuple[str, ...]:
        """Give the covariates of these outcomes: those named, and their own sums before."""
        own = [before(name) for name in names] if self.since is not None else []
        return (*self.covariates, *own)


@dataclass(frozen=True)
class Arms:
    """The sums of every arm; `rows` were read, and `units` were counted in them."""

    moments: dict[str, Moments]
    rows: int
    units: dict[str, int]


@dataclass(frozen=True)
class _Plan:
    """How the rows become sums: which expression stands for which column."""

    question: Question
    numbers: tuple[Number, ...]
    covariates: tuple[Number, ...]
    befores: tuple[Number, ...]
    code: str
    hole: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.columns)

    @property
    def columns(self) -> tuple[Number, ...]:
        return (*self.numbers, *self.covariates, *self.befores)


class _TooLong(Exception):
    """A unit has more rows than a double surely adds up without rounding."""


def before(name: str) -> str:
    """Name the sum of a column over the time before the start."""
    return f"{name} before"


def gather(table: Table, question: Question) -> Arms:
    """Add up every arm; rows that cannot be added are refused, never left out."""
    _check(question)
    counts = _named_arms(table, question)
    return _exactly(table, question, counts)


def pooled(table: Table, question: Question) -> Moments:
    """Add up everybody as one sample; the question's arm is left out, as nothing was started."""
    _check(question)
    column = f"{_EVERYBODY} of {' '.join(table.kinds)}"
    relation = table.relation.project(f"*, {literal(_EVERYBODY)} AS {quoted(column)}")
    whole = replace(table, relation=relation, kinds={**table.kinds, column: "varchar"})
    count = int(table.one(relation.aggregate("count(*)"))[0])
    found = _exactly(whole, replace(question, arm=column), {_EVERYBODY: count})
    return found.moments[_EVERYBODY]


def _exactly(table: Table, question: Question, counts: dict[str, int]) -> Arms:
    """Count whole numbers in 64 bits, and in 128 where these overflow."""
    try:
        return _gathered(table, _plan(table, question, tuple(counts), False), counts)
    except (duckdb.OutOfRangeException, duckdb.ConversionException, _TooLong) as error:
        if "CSV" in str(error):
            raise
        return _gathered(table, _plan(table, question, tuple(counts), True), counts)


def _check(question: Question) -> None:
    if not question.measured:
        raise BadInput("--outcome", "name one column at least that is to be measured")
    names = [*question.measured, *question.known_before(*question.measured)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None and twice not in question.measured:
        raise BadInput("--covariate", f"{twice} is a covariate twice")
    both = set(question.measured) & set(question.covariates)
    if both:
        raise BadInput(
            "--covariate", f"{min(both)} is an outcome already; it cannot be known before"
        )
    if (question.time is None) != (question.since is None):
        raise BadInput("--from", "--time and --from go together")
    if question.since is not None and question.unit is None:
        raise BadInput("--unit", "rows over time belong to units; name their column")
    if question.share is not None and not 0 < question.share < 1:
        raise BadInput("--share", "the share held out lies between 0 and 1")


def _named_arms(table: Table, question: Question) -> dict[str, int]:
    column = table.column(question.arm, "--arm")
    rows = table.relation.aggregate(f"{column}::VARCHAR, count(*)", column)
    found = rows.limit(10_000).fetchall()
    counts = {name: count for name, count in sorted(found, key=str) if name is not None}
    if len(counts) > _MOST_ARMS:
        why = f"the column {question.arm} has {len(counts):,} different values; an arm has a name"
        raise BadInput("--arm", why)
    said = ", ".join(counts) or "nothing"
    if question.control not in counts:
        why = f"no row of the column {question.arm} says {question.control}; it says {said}"
        raise BadInput("--control", why)
    if len(counts) < 2:
        why = f"every row of the column {question.arm} says {said}: there is nothing to compare"
        raise BadInput("--arm", why)
    return counts


def _plan(table: Table, question: Question, arms: tuple[str, ...], is_wide: bool) -> _Plan:
    column = table.column(question.arm, "--arm")
    names = " ".join(f"WHEN {literal(arm)} THEN {place}" for place, arm in enumerate(arms))
    numbers = [table.number(name, "--outcome", is_wide) for name in question.measured]
    covariates = [table.number(name, "--covariate", is_wide) for name in question.covariates]
    befores: list[Number] = []
    holes = [f"{column} IS NULL"]
    for name, option in ((question.unit, "--unit"), (question.cluster, "--cluster")):
        if name is not None:
            holes.append(f"{table.column(name, option)} IS NULL")
    holes += [_hole(each) for each in (*numbers, *covariates)]
    if question.time is not None and question.since is not None:
        time = table.column(question.time, "--time")
        moment = table.moment(question.time, question.since, "--from")
        holes.append(f"{time} IS NULL")
        befores = [_within(each, f"{time} < {moment}", before(each.name)) for each in numbers]
        numbers = [_within(each, f"{time} >= {moment}", each.name) for each in numbers]
    return _Plan(
        question,
        tuple(numbers),
        tuple(covariates),
        tuple(befores),
        f"CASE {column}::VARCHAR {names} END::TINYINT",
        " OR ".join(holes),
    )


def _within(number: Number, when: str, name: str) -> Number:
    within = f"CASE WHEN {when} THEN {number.expression} ELSE 0 END"
    return replace(number, name=name, expression=within)


def _hole(number: Number) -> str:
    missing = f"{number.expression} IS NULL"
    return missing if number.is_whole else f"{missing} OR NOT isfinite({number.expression})"


def _gathered(table: Table, plan: _Plan, counts: dict[str, int]) -> Arms:
    rows = sum(counts.values())
    relation = _units(table.relation, plan) if plan.question.unit else _rows(table.relation, plan)
    if plan.question.cluster is not None:
        return _by_cluster(table, plan, relation, tuple(counts), rows)
    moments = _by_arm(table, plan, relation, tuple(counts))
    return Arms(moments, rows, {arm: each.n for arm, each in moments.items()})


def _rows(relation: Relation, plan: _Plan) -> Relation:
    """Take each row as a unit of its own."""
    columns = [f"{each.expression} AS v{place}" for place, each in enumerate(plan.columns)]
    if plan.question.cluster is not None:
        columns.append(f"{quoted(plan.question.cluster)} AS cluster")
    head = [
        f"{plan.code} AS arm",
        f"({plan.hole}) AS hole",
        "FALSE AS twice",
        "FALSE AS moving",
        "1 AS rows",
    ]
    return relation.project(", ".join(head + columns))


def _units(relation: Relation, plan: _Plan) -> Relation:
    """Add up the rows of each unit; what was known before must be the same in all of them."""
    known = {each.name for each in plan.covariates}
    columns, moving = [], []
    for place, each in enumerate(plan.columns):
        if each.name in known:
            columns.append(f"min({each.expression}) AS v{place}")
            moving.append(f"min({each.expression}) IS DISTINCT FROM max({each.expression})")
        else:
            added = f"({each.expression})::DOUBLE" if each.is_small else each.expression
            columns.append(f"sum({added})::{each.kind} AS v{place}")
    if plan.question.cluster is not None:
        cluster = quoted(plan.question.cluster)
        columns.append(f"min({cluster}) AS cluster")
        moving.append(f"min({cluster}) IS DISTINCT FROM max({cluster})")
    head = [
        f"min({plan.code}) AS arm",
        f"bool_or({plan.hole}) AS hole",
        f"min({plan.code}) IS DISTINCT FROM max({plan.code}) AS twice",
        f"({' OR '.join(moving) or 'FALSE'}) AS moving",
        "count(*) AS rows",
    ]
    return relation.aggregate(", ".join(head + columns), quoted(str(plan.question.unit)))


_COUNTED: Final = (
    "count(*) FILTER (WHERE hole)",
    "count(*) FILTER (WHERE twice)",
    "count(*) FILTER (WHERE moving)",
    "max(rows)",
)


def _by_arm(
    table: Table, plan: _Plan, relation: Relation, arms: Sequence[str]
) -> dict[str, Moments]:
    wide = len(plan.columns)
    asked = ["arm", *_COUNTED, "count(*)"]
    asked += [_sum(each, f"v{place}") for place, each in enumerate(plan.columns)]
    pairs = [(i, j) for i in range(wide) for j in range(i, wide)]
    asked += [
        f"sum(v{i} * v{j})"
        if plan.columns[i].is_whole and plan.columns[j].is_whole
        else f"fsum(v{i}::DOUBLE * v{j}::DOUBLE)"
        for i, j in pairs
    ]
    found = relation.aggregate(", ".join(asked), "arm").fetchall()
    _refuse_odd(table, plan, [sum(row[place] for row in found) for place in (1, 2, 3)])
    _refuse_long(plan, max(row[4] for row in found))
    moments = {}
    for row in found:
        products: list[list[Any]] = [[0] * wide for _ in range(wide)]
        for (i, j), value in zip(pairs, row[6 + wide :], strict=True):
            products[i][j] = products[j][i] = value
        sums = tuple(row[6 : 6 + wide])
        moments[arms[row[0]]] = Moments(plan.names, row[5], sums, tuple(map(tuple, products)))
    return {arm: moments[arm] for arm in arms}


def _sum(number: Number, column: str) -> str:
    return f"sum({column})" if number.is_whole else f"fsum({column})"


def _by_cluster(
    table: Table, plan: _Plan, relation: Relation, arms: Sequence[str], rows: int
) -> Arms:
    """Add up each cluster; a cluster's covariate is by how much its members exceed the mean."""
    asked = ["min(arm) AS arm", *_COUNTED, "min(arm) IS DISTINCT FROM max(arm)", "count(*)"]
    asked += [*(f"sum(v{place})" for place in range(len(plan.columns))), "cluster"]
    found = relation.aggregate(", ".join(asked), "cluster").order("cluster").fetchall()
    _refuse_odd(table, plan, [sum(row[place] for row in found) for place in (1, 2, 3)])
    _refuse_long(plan, max(row[4] for row in found))
    mixed = sum(row[5] for row in found)
    if mixed:
        why = f"{mixed:,} clusters have members in two arms; they were not drawn as clusters"
        raise BadInput("--cluster", why)
    codes = np.array([row[0] for row in found])
    members = np.array([row[6] for row in found], dtype=np.int64)
    known = {each.name for each in (*plan.covariates, *plan.befores)}
    columns: list[Column] = [members]
    for place, each in enumerate(plan.columns):
        sums = _column([row[7 + place] for row in found])
        columns.append(sums - sums.sum() / members.sum() * members if each.name in known else sums)
    names = (MEMBERS, *plan.names)
    moments, units = {}, {}
    for code, arm in enumerate(arms):
        moments[arm] = Moments.of(names, [column[codes == code] for column in columns])
        units[arm] = int(members[codes == code].sum())
    return Arms(moments, rows, units)


def _column(values: list[Any]) -> Column:
    """Keep whole numbers whole for as long as 64 bits hold them."""
    if all(isinstance(value, int) and abs(value) < 2**62 for value in values):
        return np.array(values, dtype=np.int64)
    return np.array(values, dtype=np.float64)


def _refuse_long(plan: _Plan, rows: int) -> None:
    if rows > _MOST_SMALL and any(each.is_small for each in plan.columns):
        raise _TooLong


def _refuse_odd(table: Table, plan: _Plan, odd: Sequence[int]) -> None:
    """Name what stands in the way; only then is the file read once more."""
    holes, twice, moving = odd
    question = plan.question
    if holes:
        raise BadInput("FILE", f"{table.name} has {_holes(table, plan)}")
    if twice:
        column = quoted(str(question.unit))
        several = table.relation.aggregate(
            f"{column} AS unit, count(DISTINCT {quoted(question.arm)}) AS arms", column
        ).filter("arms > 1")
        first = table.one(several.aggregate("min(unit)"))[0]
        why = f"{twice:,} units are in two arms, as {question.unit} {first}"
        raise BadInput("--unit", why)
    if moving:
        why = f"{moving:,} units have a covariate or cluster that differs between their rows"
        raise BadInput("--covariate", f"{why}; what was known before does not change")


def _holes(table: Table, plan: _Plan) -> str:
    question = plan.question
    keys = [each for each in (question.arm, question.unit, question.cluster, question.time) if each]
    numbers = (*question.measured, *question.covariates)
    asked, said = [], []
    for name in dict.fromkeys((*keys, *numbers)):
        asked.append(f"count(*) FILTER (WHERE {quoted(name)} IS NULL)")
        said.append(f"rows without a value in the column {name}")
    for name in numbers:
        if not table.number(name, "--outcome").is_whole:
            asked.append(f"count(*) FILTER (WHERE isnan({quoted(name)}::DOUBLE))")
            said.append(f"rows that are not a number (NaN) in the column {name}")
            asked.append(f"count(*) FILTER (WHERE isinf({quoted(name)}::DOUBLE))")
            said.append(f"infinite values in the column {name}")
    counts = table.one(table.relation.aggregate(", ".join(asked)))
    return ", ".join(f"{count:,} {what}" for count, what in zip(counts, said, strict=True) if count)

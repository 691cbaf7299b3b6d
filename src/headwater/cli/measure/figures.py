"""Figures: how a reading looks in a terminal of 80 columns, in a table and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from headwater.cli.screen import screen
from headwater.increment.analyst.members import Figure, Reading
from headwater.increment.analyst.stores import Drawn, Picked
from headwater.increment.analyst.waves import Reading as WavesReading
from headwater.increment.statistics.moments import Estimate

Row = tuple[str, ...]


def say(sentence: str) -> None:
    """Print a sentence as it is; brackets in a column's name are no instruction."""
    screen.print(escape(sentence))


def table(groups: Iterable[Iterable[Row]], *names: str) -> None:
    """Print rows in groups: a name on the left, figures on the right."""
    shown = Table(*names, box=box.SIMPLE_HEAD)
    for column in shown.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for rows in groups:
        for row in rows:
            shown.add_row(*map(escape, row))
        shown.add_section()
    screen.print(shown)


def row_of(name: str, found: Estimate | None, is_share: bool) -> Row:
    """Give a figure its row; one that cannot be had keeps its place and says why."""
    if found is None:
        return name, "-", "base not told from zero", ""
    form = "{:+.2%}" if is_share else "{:+,.4g}"
    if not is_share and max(abs(found.low), abs(found.high)) >= 1000:
        form = "{:+,.0f}"
    ends = f"{form.format(found.low)} to {form.format(found.high)}"
    return name, form.format(found.estimate), ends, f"{found.p:.3g}"


def verdict_of(found: Estimate, p: float) -> str:
    """Say in words what a figure allows to say."""
    if p >= 0.05:
        return "not told from zero"
    return "higher, beyond chance" if found.estimate > 0 else "lower, beyond chance"


def show_members(reading: Reading) -> None:
    """Print what was checked, the figures, and a sentence for each."""
    units = ", ".join(f"{count:,} {arm}" for arm, count in reading.units.items())
    say(f"{reading.source}: {reading.rows:,} rows; {units}.")
    for sentence in _checked(reading):
        say(f"  {sentence}")
    if not reading.guards.is_readable:
        return
    table(map(_rows, reading.figures), "", "estimate", "95 % interval", "p")
    for figure in reading.figures:
        say(_in_words(figure, reading))


def show_stores(reading: Drawn | Picked) -> None:
    """Print what stores sold more, and how much weight it bears."""
    panel = reading.panel
    count = len(reading.treated)
    say(f"{reading.source}: {len(panel.units)} stores, {len(panel.periods)} periods "
        f"({panel.periods[0]} to {panel.periods[-1]}); {count} treated.")  # fmt: skip
    found = reading.tested if isinstance(reading, Drawn) else reading.synthetic
    rows = [
        row_of("per store and period", found.estimate, False),
        row_of("lift", found.lift, True),
    ]
    if isinstance(reading, Drawn):
        rows.insert(1, row_of("in total", reading.tested.total, False))
        draws = f"one of {reading.tested.possible_draws:,} that the design could have drawn"
        table([rows], "", "estimate", "95 % interval", "p")
        say(f"Exact test of the draw, {draws}; the stores are {_verdict(found.estimate)}.")
        return
    table([rows], "", "estimate", "95 % interval", "p")
    placebo = reading.synthetic.placebo
    weights = sorted(reading.synthetic.weights.items(), key=lambda each: -each[1])
    mixed = ", ".join(f"{unit} {weight:.0%}" for unit, weight in weights[:5])
    say(f"  the mixture: {mixed}{' and others' if len(weights) > 5 else ''}")
    say(f"  it missed the past by {reading.synthetic.error_before:,.4g} a period")
    said = f"rank {placebo.rank} of {placebo.of} (p = {placebo.p:.3g})"
    say(f"  among other stores treated as if, what followed is {said}")
    said = "no verdict" if count == 1 else f"the stores are {_verdict(found.estimate)}"
    say(f"{reading.label[:1].upper()}{reading.label[1:]}. Here {said}.")


def show_waves(reading: WavesReading) -> None:
    """Print what the waves brought, with the estimates that others would compute beside it."""
    panel, found = reading.panel, reading.waves
    started = sum(each is not None for each in reading.first.values())
    say(f"{reading.source}: {len(panel.units)} stores, {len(panel.periods)} periods "
        f"({panel.periods[0]} to {panel.periods[-1]}); {started} started.")  # fmt: skip
    rows = [row_of("per store and period", found.imputation, False)]
    if found.tested is not None:
        rows.append(row_of("  by the draw", found.tested.estimate, False))
    if found.lift is not None:
        rows.append(row_of("lift", found.lift, True))
    if found.beside is not None:
        rows.append(row_of("Callaway-Sant'Anna", found.beside, False))
    rows.append(row_of("usual regression", found.twfe_wrong_here, False))
    since = [row_of(f"  after {each.weeks_since}", each.estimate, False)
             for each in found.by_horizon[:13]]  # fmt: skip
    table([rows, since], "", "estimate", "95 % interval", "p")
    say("The usual regression is wrong for waves; it stands here because others will compute it.")
    if found.verdict is None:
        say(f"No verdict: {found.why}.")
    else:
        say(f"The stores are {_verdict(found.verdict)}.")


def _verdict(found: Estimate) -> str:
    return verdict_of(found, found.p)


def _checked(reading: Reading) -> Iterator[str]:
    guards, question = reading.guards, reading.question
    if guards.sample_ratio_p is None:
        yield "sizes of the arms: not tested, say --share to have it done"
    else:
        yield f"sizes of the arms against {question.share:.1%}: p = {guards.sample_ratio_p:.3g}"
    for arm, p in (guards.imbalance_p or {}).items():
        yield f"{arm} and {question.control} before the start, if alike: p = {p:.3g}"
    if not guards.is_unit_checked:
        yield "each row was taken for another member; name --unit to have it checked"


def _rows(figure: Figure) -> Iterator[Row]:
    name = f"{figure.outcome}, {figure.arm}"
    is_adjusted = figure.adjusted.method != figure.raw.method
    method = f"  {figure.adjusted.method}"
    yield name, "", "", ""
    yield row_of(method, figure.adjusted, False)
    if is_adjusted:
        yield row_of(f"  {figure.raw.method}", figure.raw, False)
    yield row_of(f"{method} lift", figure.lift, True)
    if is_adjusted:
        yield row_of(f"  {figure.raw.method} lift", figure.raw_lift, True)


def _in_words(figure: Figure, reading: Reading) -> str:
    arms = f"{figure.arm} against {reading.question.control}"
    verdict = verdict_of(figure.adjusted, figure.holm_p)
    family = len(reading.figures)
    p = f"p = {figure.holm_p:.3g}" + (f" by Holm among {family}" if family > 1 else "")
    said = f"{figure.outcome}: {arms} is {verdict} ({p})"
    if figure.total is not None:
        ends = f"{figure.total.low:+,.0f} to {figure.total.high:+,.0f}"
        said += f"; over all {figure.arm} {figure.total.estimate:+,.0f} ({ends})"
    if figure.adjusted.method == figure.raw.method:
        return f"{said}."
    taken_out = max(round(100 * figure.variance_taken_out), 0)
    return f"{said}; what was known before took out {taken_out} % of the variance."

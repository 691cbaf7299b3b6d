"""Figures: how a reading looks in a terminal of 80 columns, in a table and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from headwater.cli.screen import screen
from headwater.increment.analyst.members import Figure, Reading
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

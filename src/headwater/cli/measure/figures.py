"""Figures: how a reading looks in a terminal of 80 columns, in a table and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from headwater.base import settings
from headwater.cli.measure.words import listed, said
from headwater.cli.screen import screen
from headwater.increment.analyst.members import Figure, Reading
from headwater.increment.analyst.stores import Drawn, Picked
from headwater.increment.analyst.waves import Reading as WavesReading
from headwater.increment.places.panels import Panel
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
        return name, "-", said("no_base"), ""
    form = "{:+.2%}" if is_share else "{:+,.4g}"
    if not is_share and max(abs(found.low), abs(found.high)) >= 1000:
        form = "{:+,.0f}"
    ends = said("to", low=form.format(found.low), high=form.format(found.high))
    return name, form.format(found.estimate), ends, f"{found.p:.3g}"


def figures_of(*groups: Iterable[Row]) -> None:
    """Print estimates with their intervals."""
    table(groups, "", said("estimate"), said("interval"), "p")


def verdict_of(found: Estimate, p: float) -> str:
    """Say in words what a figure allows to say."""
    if p >= 0.05:
        return said("not_told")
    return said("higher" if found.estimate > 0 else "lower")


def show_members(reading: Reading) -> None:
    """Print what was checked, the figures, and a sentence for each."""
    units = listed([said("arm", arm=arm, count=count) for arm, count in reading.units.items()])
    say(said("rows", source=reading.source, rows=reading.rows, units=units))
    for sentence in _checked(reading):
        say(f"  {sentence}")
    if not reading.guards.is_readable:
        return
    figures_of(*map(_rows, reading.figures))
    for figure in reading.figures:
        say(_in_words(figure, reading))


def because(reading: Reading) -> str:
    """Say why there are no figures."""
    reasons = [each.said_in(settings.language()) for each in reading.guards.because]
    return said("not_readable", because=listed(reasons, "reasons"))


def show_stores(reading: Drawn | Picked) -> None:
    """Print what stores sold more, and how much weight it bears."""
    say(said("stores", source=reading.source, treated=len(reading.treated), **_of(reading.panel)))
    found = reading.tested if isinstance(reading, Drawn) else reading.synthetic
    rows = [
        row_of(said("per_store"), found.estimate, False),
        row_of(said("relative"), found.lift, True),
    ]
    if isinstance(reading, Drawn):
        rows.insert(1, row_of(said("whole"), reading.tested.total, False))
        figures_of(rows)
        draws = reading.tested.possible_draws
        say(said("exact_test", draws=draws, verdict=_verdict(found.estimate)))
        return
    figures_of(rows)
    _show_mixture(reading)
    is_alone = len(reading.treated) == 1
    say(said("picked_one") if is_alone else said("picked", verdict=_verdict(found.estimate)))


def _show_mixture(reading: Picked) -> None:
    """Print of which stores the comparison was made, and how much it may be trusted."""
    weights = sorted(reading.synthetic.weights.items(), key=lambda each: -each[1])
    mixed = listed([f"{unit} {weight:.0%}" for unit, weight in weights[:5]])
    say(said("mixture_and_others" if len(weights) > 5 else "mixture", mixed=mixed))
    say(said("missed", error=reading.synthetic.error_before))
    placebo = reading.synthetic.placebo
    say(said("placebo", rank=placebo.rank, of=placebo.of, p=placebo.p))


def show_waves(reading: WavesReading) -> None:
    """Print what the waves brought, with the estimates that others would compute beside it."""
    found = reading.waves
    started = sum(each is not None for each in reading.first.values())
    say(said("stores_started", source=reading.source, started=started, **_of(reading.panel)))
    rows = [row_of(said("per_store"), found.imputation, False)]
    if found.tested is not None:
        rows.append(row_of(said("by_the_draw"), found.tested.estimate, False))
    if found.lift is not None:
        rows.append(row_of(said("relative"), found.lift, True))
    if found.beside is not None:
        rows.append(row_of("Callaway-Sant'Anna", found.beside, False))
    rows.append(row_of(said("usual_regression"), found.twfe_wrong_here, False))
    since = [row_of(said("after", periods=each.weeks_since), each.estimate, False)
             for each in found.by_horizon[:13]]  # fmt: skip
    figures_of(rows, since)
    say(said("regression_is_wrong"))
    if found.verdict is None:
        why = "" if found.why is None else found.why.said_in(settings.language())
        say(said("no_verdict", why=why))
    else:
        say(said("stores_are", verdict=_verdict(found.verdict)))


def _of(panel: Panel) -> dict[str, Any]:
    return {
        "stores": len(panel.units), "periods": len(panel.periods),
        "first": panel.periods[0], "last": panel.periods[-1],
    }  # fmt: skip


def _verdict(found: Estimate) -> str:
    return verdict_of(found, found.p)


def _checked(reading: Reading) -> Iterator[str]:
    guards, question = reading.guards, reading.question
    if guards.sample_ratio_p is None:
        yield said("share_not_tested")
    else:
        yield said("share_tested", share=question.share, p=guards.sample_ratio_p)
    for arm, p in (guards.imbalance_p or {}).items():
        yield said("alike", arm=arm, control=question.control, p=p)
    if not guards.is_unit_checked:
        yield said("unit_not_checked")


def _rows(figure: Figure) -> Iterator[Row]:
    is_adjusted = figure.adjusted.method != figure.raw.method
    method, raw = f"  {figure.adjusted.method}", f"  {figure.raw.method}"
    yield f"{figure.outcome}, {figure.arm}", "", "", ""
    yield row_of(method, figure.adjusted, False)
    if is_adjusted:
        yield row_of(raw, figure.raw, False)
    yield row_of(said("lift", method=method), figure.lift, True)
    if is_adjusted:
        yield row_of(said("lift", method=raw), figure.raw_lift, True)


def _in_words(figure: Figure, reading: Reading) -> str:
    family = len(reading.figures)
    total = known = ""
    if figure.total is not None:
        found = figure.total
        total = said(
            "in_total", arm=figure.arm, value=found.estimate, low=found.low, high=found.high
        )
    if figure.adjusted.method != figure.raw.method:
        known = said("taken_out", percent=max(round(100 * figure.variance_taken_out), 0))
    return said(
        "in_words", outcome=figure.outcome, arm=figure.arm, control=reading.question.control,
        verdict=verdict_of(figure.adjusted, figure.holm_p), p=figure.holm_p,
        family=said("by_holm", family=family) if family > 1 else "", total=total, known=known,
    )  # fmt: skip

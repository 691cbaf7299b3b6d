"""Measure: what an experiment caused, out of a file of any system."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from headwater.base.errors import BadInput
from headwater.cli.measure import figures
from headwater.cli.measure.refusing import NotReadable, refusing
from headwater.cli.measure.sources import source_of
from headwater.increment.analyst import members as of_members
from headwater.increment.analyst import reports
from headwater.increment.analyst import stores as of_stores
from headwater.increment.analyst import waves as of_waves
from headwater.increment.analyst.arms import Question
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.stores import Started


@click.group()
def measure() -> None:
    """Measure what was caused, out of a CSV or Parquet file of any system.

    Example: headwater measure members test.csv --arm arm --control holdout --outcome spent
    """


FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="For programs: every number in full.")
BY = click.option(
    "--by", type=click.Choice(["day", "week", "month"]), help="Add rows up by this length."
)


@measure.command("members")
@FILE
@click.option("--arm", required=True, help="The column that names the arm.")
@click.option("--control", required=True, help="What it says for those held out.")
@click.option("--outcome", multiple=True, help="A column to compare; may be repeated.")
@click.option("--ratio", multiple=True, help="NUM/DEN: two columns whose ratio is compared.")
@click.option("--covariate", multiple=True, help="A column known before the start; repeatable.")
@click.option("--cluster", help="The column of the guide or store that was drawn as a whole.")
@click.option("--unit", help="The column of the member; rows of one member are added up.")
@click.option("--time", help="The column of time, where a member has several rows.")
@click.option("--from", "since", help="The start: rows before it become covariates.")
@click.option("--share", type=float, help="The share that was to be held out, as 0.1.")
@JSON
def members(file: Path, as_json: bool, **asked: Any) -> None:
    """Compare arms of members: raw beside adjusted, absolute, relative and in total.

    \b
    A row is a member. With --unit rows of one member are added up, and nobody may be in two arms.
    With --time and --from what lies before the start takes out what was known (CUPED, Lin).
    With --share the sizes of the arms are tested. Several outcomes are one family (Holm).
    Ends with 2 where file or options do not allow it, with 3 where the arms are not healthy.

    \b
    Examples:
      headwater measure members test.csv --arm arm --control holdout --outcome spent_fen
      headwater measure members weeks.parquet --arm arm --control holdout --unit member_id \\
        --time week --from 2026-08-03 --outcome sales_fen --ratio sales_fen/orders --json
    """  # fmt: skip
    with refusing():
        ratios = tuple(_parts(each) for each in _once(asked.pop("ratio")))
        outcomes, covariates = _once(asked.pop("outcome")), _once(asked.pop("covariate"))
        question = Question(outcomes=outcomes, covariates=covariates, ratios=ratios, **asked)
        reading = of_members.read(source_of(file), question)
    if as_json:
        tell(reports.members(reading))
    else:
        figures.show_members(reading)
    if not reading.guards.is_readable:
        raise NotReadable(figures.because(reading))


@measure.command("stores")
@FILE
@click.option("--unit", required=True, help="The column of the store.")
@click.option("--time", required=True, help="The column of the period.")
@click.option("--outcome", required=True, help="The column that is compared.")
@click.option("--treated", default="", help="The stores that were treated: A,B.")
@click.option("--from", "since", required=True, help="The first period of the treatment.")
@click.option("--design", type=click.Path(path_type=Path), help="The design that drew the stores.")
@BY
@JSON
def stores(file: Path, as_json: bool, **asked: Any) -> None:
    """Compare treated stores with the others, by the test that their choice allows.

    \b
    Stores drawn by a design (--design, as written when the wave was planned) are read by the exact
    test of that draw. Stores that somebody picked are read against a mixture of other stores:
    synthetic control with placebos and block conformal inference, weaker, and labelled so.
    One store teaches; no verdict is possible.

    \b
    Examples:
      headwater measure stores weeks.csv --unit store --time week --outcome sales_fen \\
        --treated S01,S02 --from 2026-08-03
      headwater measure stores weeks.csv --unit store --time week --outcome sales_fen \\
        --design wave-1.json --from 2026-08-03 --json
    """
    with refusing():
        treated, since, design = (asked.pop(name) for name in ("treated", "since", "design"))
        series = Series(**asked)
        named = tuple(each.strip() for each in treated.split(",") if each.strip())
        drawn = None if design is None else of_stores.design_of(design)
        reading = of_stores.read(source_of(file), series, Started(named, since, drawn))
    if as_json:
        tell(reports.stores(reading))
    else:
        figures.show_stores(reading)


@measure.command("waves")
@FILE
@click.option("--unit", required=True, help="The column of the store.")
@click.option("--time", required=True, help="The column of the period.")
@click.option("--outcome", required=True, help="The column that is compared.")
@click.option("--first", required=True, help="The column of each store's start; empty is never.")
@click.option("--design", type=click.Path(path_type=Path), help="The design that drew the waves.")
@BY
@JSON
def waves(file: Path, as_json: bool, first: str, design: Path | None, **asked: Any) -> None:
    """Compare stores that started one after the other, each with what it would have sold.

    \b
    Imputation (Borusyak, Jaravel and Spiess): what treated stores would have sold is learnt from
    those not treated yet. Beside it stands Callaway and Sant'Anna's estimate, and the usual
    regression, which is wrong for waves. With --design the draw of the waves is the exact test;
    without it, fewer than 20 stores on a side give no verdict.

    \b
    Example:
      headwater measure waves weeks.csv --unit store --time week --outcome sales_fen --first start
    """
    with refusing():
        drawn = None if design is None else of_stores.design_of(design)
        reading = of_waves.read(source_of(file), Series(**asked), first, drawn)
    if as_json:
        tell(reports.waves(reading))
    else:
        figures.show_waves(reading)


def tell(shown: dict[str, Any]) -> None:
    """Print JSON that every reader of JSON can read."""
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2, allow_nan=False))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Ask the same question once, however often it was typed."""
    return tuple(dict.fromkeys(names))


def _parts(ratio: str) -> tuple[str, str]:
    over, slash, under = ratio.partition("/")
    if not (over and slash and under) or "/" in under:
        raise BadInput("--ratio", f"{ratio} is not NUM/DEN, two columns with a stroke between")
    return over, under

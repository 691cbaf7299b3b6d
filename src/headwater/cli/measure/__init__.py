"""Measure: what an experiment caused, out of a file of any system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from headwater.base.errors import BadInput
from headwater.cli.measure import figures
from headwater.cli.measure.refusing import NotReadable, refusing
from headwater.increment.analyst import members as of_members
from headwater.increment.analyst import reports
from headwater.increment.analyst.arms import Question
from headwater.increment.analyst.tables import Source


@click.group()
def measure() -> None:
    """Measure what was caused, out of a CSV or Parquet file of any system.

    Example: headwater measure members test.csv --arm arm --control holdout --outcome spent
    """


FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="For programs: every number in full.")


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
        ratios = tuple(_parts(each) for each in asked.pop("ratio"))
        outcomes, covariates = tuple(asked.pop("outcome")), tuple(asked.pop("covariate"))
        question = Question(outcomes=outcomes, covariates=covariates, ratios=ratios, **asked)
        reading = of_members.read(Source.of(file), question)
    if as_json:
        click.echo(json.dumps(reports.members(reading), ensure_ascii=False, indent=2))
    else:
        figures.show_members(reading)
    if not reading.guards.is_readable:
        raise NotReadable(f"not readable, because {'; '.join(reading.guards.because)}")


def _parts(ratio: str) -> tuple[str, str]:
    over, slash, under = ratio.partition("/")
    if not (over and slash and under) or "/" in under:
        raise BadInput("--ratio", f"{ratio} is not NUM/DEN, two columns with a stroke between")
    return over, under

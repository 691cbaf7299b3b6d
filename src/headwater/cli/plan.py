"""Plan: what a test could see, before anybody promises a figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from headwater.base import settings
from headwater.base.errors import BadInput
from headwater.cli.measure import BY, FILE, JSON, figures, tell
from headwater.cli.measure.refusing import refusing
from headwater.cli.measure.sources import source_of
from headwater.cli.measure.words import listed, said
from headwater.increment.analyst import planning, reports
from headwater.increment.analyst.arms import Question
from headwater.increment.analyst.periods import Series
from headwater.increment.analyst.planning import Hoped, MembersPlan, StoresPlan

LIFT = click.option("--lift", default=0.02, show_default=True, help="What is hoped for: 0.02.")


@click.group()
def plan() -> None:
    """Plan a holdout or a test in stores from the brand's own past.

    Example: headwater plan members weeks.parquet --unit member_id --time week --outcome sales_fen
    """


@plan.command("members")
@FILE
@click.option("--outcome", required=True, help="The column that will be compared, in fen.")
@click.option("--covariate", multiple=True, help="A column known before; may be repeated.")
@click.option("--unit", help="The column of the member; rows of one member are added up.")
@click.option("--time", help="The column of the period; then several windows are tried.")
@click.option("--members", type=int, help="How many there will be; as many as in the file.")
@click.option("--share", multiple=True, type=float, help="A share held out; 5, 10, 20, 50 %.")
@LIFT
@JSON
def members(file: Path, as_json: bool, **asked: Any) -> None:
    """Tell what a holdout of members would see, and what it costs, by what they did before.

    \b
    The least lift is the one seen four times in five, at 5 % and two-sided. With --time the last
    periods stand for the window and all before them are the covariate. The cost of a holdout is
    what its members would have bought more over the window, if the lift is as hoped.

    \b
    Examples:
      headwater plan members weeks.parquet --unit member_id --time week --outcome sales_fen
      headwater plan members past.csv --outcome spent_fen --covariate before_fen \\
        --members 300000 --share 0.1 --lift 0.01 --json
    """
    with refusing():
        shares = tuple(asked["share"]) or planning.SHARES
        hoped = Hoped(asked["lift"], asked["members"], shares)
        question = Question(
            "", "", (asked["outcome"],), tuple(asked["covariate"]), unit=asked["unit"],
            time=asked["time"],
        )  # fmt: skip
        found = planning.members(source_of(file), question, hoped)
    if as_json:
        tell(reports.members_plan(found))
    else:
        _show_members(found)


@plan.command("stores")
@FILE
@click.option("--unit", required=True, help="The column of the store.")
@click.option("--time", required=True, help="The column of the period.")
@click.option("--outcome", required=True, help="The column that will be compared, in fen.")
@click.option("--stores", multiple=True, type=int, help="How many are treated; may be repeated.")
@click.option("--periods", multiple=True, type=int, help="For how many periods; repeatable.")
@LIFT
@BY
@JSON
def stores(file: Path, as_json: bool, **asked: Any) -> None:
    """Tell what a test in drawn stores would have seen, by simulation on their own past.

    \b
    Many stretches of the past are each taken as if a test had run in them. The least lift is the
    one that the exact test would have seen four times in five. The cost is what the stores not
    treated would have sold more, if the lift is as hoped.

    \b
    Example:
      headwater plan stores weeks.csv --unit store --time week --outcome sales_fen \\
        --stores 8 --stores 20 --periods 4 --periods 8
    """
    with refusing():
        series = Series(asked["unit"], asked["time"], asked["outcome"], asked["by"])
        counts, lengths = asked["stores"] or (8,), asked["periods"] or (4, 8, 13)
        found = planning.stores(source_of(file), series, counts, lengths, asked["lift"])
    if as_json:
        tell(reports.stores_plan(found))
    else:
        _show_stores(found)


@plan.command("draw")
@FILE
@click.option("--unit", required=True, help="The column of the store.")
@click.option("--time", required=True, help="The column of the period.")
@click.option("--outcome", required=True, help="The column by which stores are alike.")
@click.option("--waves", required=True, help="How many stores start together: 10 or 10,10,10.")
@click.option("--salt", required=True, help="Any word; the same one draws the same stores again.")
@click.option("--into", type=click.Path(path_type=Path), required=True, help="The design's file.")
@BY
def draw(file: Path, into: Path, waves: str, salt: str, **asked: Any) -> None:
    """Draw which stores go first, and write the design that later reads them.

    \b
    Example:
      headwater plan draw weeks.csv --unit store --time week --outcome sales_fen \\
        --waves 10 --salt spring --into wave-1.json
    """
    with refusing():
        if into.exists():
            raise BadInput("--into", f"{into} is there already; a design is never overwritten")
        if not all(each.strip().isdigit() for each in waves.split(",")):
            raise BadInput("--waves", f"{waves} is no list of numbers, as 10,10")
        sizes = tuple(int(each) for each in waves.split(","))
        found = planning.draw(source_of(file), Series(**asked), salt, sizes)
        try:
            into.write_text(json.dumps(found.as_row(), ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise BadInput("--into", f"{into} cannot be written: {error.strerror}") from None
    for wave in range(1, len(sizes) + 1):
        drawn = [unit for unit in found.treated if found.waves_of[unit] == wave]
        figures.say(said("wave", wave=wave, stores=listed(drawn)))
    if found.why is not None:
        figures.say(found.why.said_in(settings.language()))
    figures.say(said("design_written", into=into, fingerprint=found.fingerprint[:12]))


def _show_members(found: MembersPlan) -> None:
    figures.say(said("plan_members", source=found.source, members=found.members, lift=found.lift))
    heads = (said("held_out"), said("members"), said("least_lift"),
             said("sees", lift=found.lift), said("costs_fen"))  # fmt: skip
    for window in found.windows:
        length = "window_of_file" if window.periods is None else "window"
        taken_out = max(window.variance_taken_out, 0)
        figures.say(
            said(length, periods=window.periods, mean=window.noise.mean, taken_out=taken_out)
        )
        rows = [
            (f"  {each.share:.1%}", f"{each.held_out:,}", f"{each.least_lift:.2%}",
             f"{each.power:.0%}", f"{each.cost_fen:,}")
            for each in window.options
        ]  # fmt: skip
        figures.table([rows], *heads)
        if window.least_share is None:
            figures.say(said("not_seen", lift=found.lift, needed=window.members_needed))
        else:
            figures.say(said("seen_from", lift=found.lift, share=window.least_share))


def _show_stores(found: StoresPlan) -> None:
    figures.say(said("plan_stores", source=found.source, stores=found.stores, lift=found.lift))
    rows = [
        (f"{cell.stores}", f"{cell.weeks}", "-" if cell.mde is None else f"{cell.mde:.2%}",
         f"{cost_fen:,}")
        for cell, cost_fen in zip(found.cells, found.costs_fen, strict=True)
    ]  # fmt: skip
    figures.table([rows], *map(said, ("treated", "periods", "least_lift", "costs_fen")))
    for cell in found.cells:
        if cell.why is not None:
            why = cell.why.said_in(settings.language())
            figures.say(said("cell", stores=cell.stores, periods=cell.weeks, why=why))
    if found.speaks_up is not None:
        figures.say(said("speaks_up", share=found.speaks_up))

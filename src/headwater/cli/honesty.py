"""Honesty: the product's own figures, held against worlds whose truth is known."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click
from rich.table import Table

from headwater.app.imports.complete_journey import source
from headwater.base.errors import BadInput
from headwater.cli.screen import bar, screen
from headwater.world.honesty import households as living
from headwater.world.honesty import table
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import Households, Receipts


@click.command()
@click.option("--full", is_flag=True, help="Many more worlds: half an hour instead of minutes.")
@click.option("--seed", default=1, show_default=True, help="Draws the worlds.")
@click.option("--made", is_flag=True, help="Made households, also where real receipts are there.")
@click.option(
    "--only", multiple=True, help="One study: members, weekly, daily, guides, contents, ..."
)
@click.option("--json", "as_json", is_flag=True, help="For programs: every number in full.")
def honesty(full: bool, seed: int, made: bool, only: tuple[str, ...], as_json: bool) -> None:
    """Let the product draw, put known effects into real households, and score what it says.

    Ends with 1 where a promise is not kept.

    Example: headwater honesty --full
    """
    households = _households(made)
    studies = table.studies(households, table.FULL if full else table.FAST, seed)
    strange = sorted(set(only) - set(studies))
    if strange:
        raise BadInput("--only", f"{strange[0]} is none of {', '.join(studies)}")
    chosen = {name: study for name, study in studies.items() if not only or name in only}
    lines: list[Line] = []
    with bar() as progress:
        for place, (name, study) in enumerate(chosen.items()):
            progress(name, place, len(chosen))
            lines += study()
    if as_json:
        click.echo(json.dumps(_as_json(lines, households, seed), ensure_ascii=False, indent=2))
    else:
        _show(lines, households, seed)
    if not all(line.is_within for line in lines):
        sys.exit(1)


def _households(made: bool) -> Households:
    """Take real receipts where their package is installed, else make households like them."""
    if made:
        return living.made()
    try:
        place = source.folder()
    except BadInput:
        return living.made()
    sales = source.read_sales(place)
    return living.of_receipts(
        Receipts(sales.household, sales.basket, sales.store, sales.sold_at, sales.sales_fen)
    )


def _as_json(lines: list[Line], households: Households, seed: int) -> dict[str, Any]:
    return {
        "households": households.source,
        "seed": seed,
        "kept": all(line.is_within for line in lines),
        "lines": [
            asdict(line) | {"is_judged": line.is_judged, "is_within": line.is_within}
            for line in lines
        ],
    }


def _show(lines: list[Line], households: Households, seed: int) -> None:
    screen.print(f"{households.source}; seed {seed}.")
    shown = Table("", "found", "± chance", "promised", "worlds", "")
    for column in shown.columns[1:5]:
        column.justify = "right"
    subject = ""
    for line in lines:
        if line.subject != subject:
            subject = line.subject
            shown.add_section()
            shown.add_row(subject, style="bold")
        shown.add_row(*_row(line))
    screen.print(shown)
    judged = [line for line in lines if line.is_judged]
    kept = sum(line.is_within for line in judged)
    screen.print(f"{kept} of {len(judged)} promises kept.")


def _row(line: Line) -> tuple[str, ...]:
    plain = line.form.replace("+", "")
    promised = ""
    if line.least is not None and line.most is not None:
        promised = f"{line.least:{line.form}} to {line.most:{line.form}}"
    elif line.most is not None:
        promised = f"at most {line.most:{line.form}}"
    word = ("kept" if line.is_within else "NOT KEPT") if line.is_judged else "to compare"
    return (
        f"  {line.claim}", f"{line.found:{line.form}}", f"{line.error:{plain}}", promised,
        f"{line.worlds:,}", word,
    )  # fmt: skip

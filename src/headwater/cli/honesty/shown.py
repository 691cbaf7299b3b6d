"""Shown: the table of honesty for people, for a page of text, and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

import click
from rich.table import Table

from headwater.cli.screen import screen
from headwater.world.honesty.bands import Line

_COLUMNS: Final = ("found", "± chance", "promised", "worlds")

Show = Callable[[Sequence[Line], str, int], None]


def as_json(lines: Sequence[Line], source: str, seed: int) -> None:
    """Print every number in full."""
    told = {
        "households": source,
        "seed": seed,
        "kept": all(line.is_within for line in lines),
        "lines": [
            asdict(line) | {"is_judged": line.is_judged, "is_within": line.is_within}
            for line in lines
        ],
    }
    click.echo(json.dumps(told, ensure_ascii=False, indent=2))


def as_table(lines: Sequence[Line], source: str, seed: int) -> None:
    """Print a table with a section for each subject."""
    screen.print(f"{source}; seed {seed}.")
    made = Table("", *_COLUMNS, "")
    for column in made.columns[1:5]:
        column.justify = "right"
    subject = ""
    for line in lines:
        if line.subject != subject:
            subject = line.subject
            made.add_section()
            made.add_row(subject, style="bold")
        made.add_row(f"  {line.claim}", *_cells(line))
    screen.print(made)
    screen.print(_kept(lines))


def as_text(lines: Sequence[Line], source: str, seed: int) -> None:
    """Print the table as it stands in the documents."""
    click.echo(f"Seed {seed}; {source}. {_kept(lines)}\n")
    click.echo(f"| | {' | '.join(_COLUMNS)} | |\n| --- | ---: | ---: | ---: | ---: | --- |")
    subject = ""
    for line in lines:
        if line.subject != subject:
            subject = line.subject
            click.echo(f"| **{subject}** | | | | | |")
        click.echo(f"| {' | '.join([line.claim, *_cells(line)])} |")


FORMS: Final[dict[str, Show]] = {"table": as_table, "text": as_text, "json": as_json}


def _kept(lines: Sequence[Line]) -> str:
    judged = [line for line in lines if line.is_judged]
    return f"{sum(line.is_within for line in judged)} of {len(judged)} promises kept."


def _cells(line: Line) -> tuple[str, ...]:
    plain = line.form.replace("+", "")
    word = ("kept" if line.is_within else "NOT KEPT") if line.is_judged else "to compare"
    error = f"{line.error:{plain}}" if line.error else ""
    return f"{line.found:{line.form}}", error, _promised(line), f"{line.worlds:,}", word


def _promised(line: Line) -> str:
    if line.least is not None and line.most is not None:
        return f"{line.least:{line.form}} to {line.most:{line.form}}"
    if line.most is not None:
        return f"at most {line.most:{line.form}}"
    return f"at least {line.least:{line.form}}" if line.least is not None else ""

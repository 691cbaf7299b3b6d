"""The screen: how long work shows how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

screen = Console(highlight=False, soft_wrap=True)


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar that is told what is done now, how much of it, and how much there is."""
    shown = Progress(
        TextColumn("{task.description:12}"),
        BarColumn(40),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
    )
    with shown:
        task = shown.add_task("", total=1)
        yield lambda name, done, whole: shown.update(
            task, description=name, completed=done, total=whole
        )

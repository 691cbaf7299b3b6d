"""Refusing: an analyst's command ends in one sentence, and says by its exit code of which kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from headwater.base import settings
from headwater.base.errors import BadInput
from headwater.increment.errors import CannotEstimate


class Refused(click.ClickException):
    """What the file or the options do not allow: one sentence, and nothing was written."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Say the sentence and nothing else."""
        click.echo(f"headwater: {self.message}", err=True)


class NotReadable(Refused):
    """The file was read, and its arms are not healthy: a reason, and no figure."""

    exit_code = 3


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a refusal into its sentence and exit code 2."""
    try:
        yield
    except BadInput as refusal:
        raise Refused(f"{refusal.field}: {refusal.why}") from refusal
    except CannotEstimate as refusal:
        language = settings.language()
        said = "无法估计：" if language == "zh" else "no estimate: "
        raise Refused(said + refusal.why.said_in(language)) from refusal

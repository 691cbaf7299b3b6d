"""Our own keys: how many there are, and fresh ones while the house goes on."""

from __future__ import annotations

import time
from pathlib import Path

import click

from headwater.app.building import KEYS_FILE
from headwater.app.rotation import LOOKS_SECONDS
from headwater.base import settings
from headwater.base.crypto import Keys
from headwater.base.errors import BadInput

# Every process has looked twice by then, however its looks fall.
_ANNOUNCED_SECONDS = 3 * LOOKS_SECONDS


@click.group()
def keys() -> None:
    """Look at the keys that seal, find and sign, and put fresh ones in front.

    Example: headwater keys rotate
    """


@keys.command()
def show() -> None:
    """Say how many keys of each kind there are; never the keys themselves.

    Example: headwater keys show
    """
    found = Keys.load(_file())
    click.echo(f"sealing {len(found.sealing)}, blind {len(found.blind)}, "
               f"signing {len(found.signing)} in {_file()}")  # fmt: skip


@keys.command()
@click.option("--at-once", is_flag=True, help="No process runs: do not wait for any.")
def rotate(at_once: bool) -> None:
    """Let fresh keys seal and sign from now on; what older ones sealed still opens.

    First the fresh keys are announced, so that every process can open what others will seal; some
    seconds later they are put in front. Stopped in between, nothing is lost: run it again. The file
    from before stays beside it, for the backup.

    Example: headwater keys rotate
    """
    file = _file()
    before = Keys.load(file)
    before.save(file.with_name(f"{file.name}.before"))
    announced = before.announced()
    announced.save(file)
    if not at_once:
        click.echo(f"Announced; every process reads them within {_ANNOUNCED_SECONDS:.0f} seconds.")
        time.sleep(_ANNOUNCED_SECONDS)
    if Keys.load(file) != announced:
        raise BadInput(str(file), "was changed by somebody else meanwhile; look, then run it again")
    announced.promoted().save(file)
    click.echo(f"Fresh keys seal and sign; {len(before.sealing)} older ones still open.")


def _file() -> Path:
    return settings.read().home / KEYS_FILE

"""CLI: one file per noun, thin as a door."""

from __future__ import annotations

import logging
import sys

import click

from headwater.base.errors import BadInput, Refusal, Trouble
from headwater.base.postgres.errors import GroundTrouble
from headwater.cli import (
    database,
    demo,
    honesty,
    imports,
    jobs,
    machines,
    measure,
    plan,
    running,
    simulate,
    staff,
)
from headwater.sandbox.serve import CannotServe


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headwater", prog_name="headwater")
@click.option("--verbose", is_flag=True, help="Say what happens inside.")
def headwater(verbose: bool) -> None:
    """Headwater (活水): a brand's own shop, guides, members and measure of increment.

    Example: headwater demo
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


for command in (
    demo.demo,
    running.serve,
    running.work,
    running.sandbox,
    database.migrate,
    database.doctor,
    imports.imports,
    simulate.simulate,
    measure.measure,
    plan.plan,
    honesty.honesty,
    jobs.jobs,
    staff.staff,
    machines.machine,
):
    headwater.add_command(command)


def main() -> None:
    """Run a command; what goes wrong is one clear line and a non-zero exit."""
    try:
        headwater.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (GroundTrouble, CannotServe, Trouble) as error:
        _end(str(error))
    except BadInput as error:
        _end(f"{error.field}: {error.why}")
    except Refusal as error:
        _end(f"{error.code}: {error.details}")
    except KeyboardInterrupt:
        sys.exit(130)


def _end(sentence: str) -> None:
    click.echo(f"headwater: {sentence}", err=True)
    sys.exit(1)

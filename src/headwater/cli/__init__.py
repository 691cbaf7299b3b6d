"""CLI: one file per noun, thin as a door."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Final

import click

from headwater import __version__
from headwater.base.errors import BadInput, Refusal, Trouble
from headwater.base.postgres.errors import GroundTrouble

# Where each command stands. The statistics alone take a second to import, so that a command brings
# along only what is its own.
COMMANDS: Final = {
    "demo": "demo:demo",
    "serve": "running:serve",
    "work": "running:work",
    "sandbox": "sandbox:sandbox",
    "migrate": "database:migrate",
    "doctor": "database:doctor",
    "import": "imports:imports",
    "simulate": "simulate:simulate",
    "measure": "measure:measure",
    "plan": "plan:plan",
    "honesty": "honesty:honesty",
    "jobs": "jobs:jobs",
    "backup": "keeping.backup:backup",
    "keys": "keeping.keys:keys",
    "staff": "staff:staff",
    "machine": "machines:machine",
}


class Commands(click.Group):
    """The commands by their names, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _colon, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"headwater.cli.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="headwater")
@click.option("--verbose", is_flag=True, help="Say what happens inside.")
def headwater(verbose: bool) -> None:
    """Headwater (活水): a brand's own shop, guides, members and measure of increment.

    Example: headwater demo
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


def main() -> None:
    """Run a command; what goes wrong is one clear line and a non-zero exit."""
    try:
        headwater.main(prog_name="headwater", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (GroundTrouble, Trouble) as error:
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

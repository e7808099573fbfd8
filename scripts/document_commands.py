"""Write ``docs/commands.md`` from the command tree itself: ``python scripts/document_commands.py``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer._click.core import Command, Context
from typer.core import TyperGroup

from recommender.cli import EXIT_CODES, application

HEAD = f"""# Commands

*Made by `python scripts/document_commands.py`; a test keeps it equal to the program.*

`recommender COMMAND --help` says the same. `--home DIR` (or `RECOMMENDER_HOME`; default: the working directory) names the
shop; `--json` prints one JSON object at the end; `--quiet` leaves out progress. All three may stand before or after the
command. Results go to standard output, progress and errors to standard error. Nothing prompts. A command that
only looks, sends or erases is refused (exit code 3) in a home that has no shop: it is mistyped, most likely.

{EXIT_CODES}
"""


def walk(command: Command, path: str) -> Iterator[tuple[str, Command]]:
    """Every command that does something, with its full name, in the order of the help."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from walk(inner, f"{path} {name}")
    else:
        yield path, command


def section(path: str, command: Command) -> str:
    """One command: usage, what it does, its arguments and options."""
    context = Context(command, info_name=path)
    lines = [f"## `{path}`", "", f"`{command.get_usage(context).removeprefix('Usage: ')}`", ""]
    lines += [" ".join((command.help or "").split()), ""]
    rows = [record for parameter in command.params if (record := parameter.get_help_record(context))]
    rows = [row for row in rows if row[0] != "--help"]
    if rows:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def document() -> str:
    """The whole page."""
    tree = typer.main.get_command(application())
    return HEAD + "\n" + "\n".join(section(path, command) for path, command in walk(tree, "recommender"))


if __name__ == "__main__":
    if "--stdout" in sys.argv:
        sys.stdout.write(document())
    else:
        page = Path(__file__).parents[1] / "docs" / "commands.md"
        page.write_text(document(), encoding="utf-8")
        sys.stdout.write(f"{page} written\n")

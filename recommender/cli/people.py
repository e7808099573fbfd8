"""Whom a command is about."""

from typing import Annotated

import typer

from recommender.domain.people import normal_id

PersonId = Annotated[str, typer.Argument(metavar="ID", help="Customer or visitor id.", callback=normal_id)]
"""An id as it is stored, however it was typed: every command that takes one of a person takes it so."""

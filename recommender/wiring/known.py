"""Whether a home has a shop."""

from recommender.domain.errors import BadInputError
from recommender.settings import Settings
from recommender.storage import default_url, is_there


def check_known(settings: Settings) -> None:
    """Do nothing where a shop was begun.

    Raises
    ------
    BadInputError
        None was: the home is mistyped, most likely.
    """
    if not is_there(settings.database_url or default_url(settings.home)):
        raise BadInputError(
            f"There is no shop in {settings.home}: check --home, or begin one with `recommender import events FILE`."
        )

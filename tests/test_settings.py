"""Settings come from the environment and are checked before anything starts."""

from pathlib import Path

import pytest

from recommender.domain.errors import SettingsError
from recommender.settings import from_environment


def test_nothing_set_gives_the_defaults_and_an_absolute_home() -> None:
    settings = from_environment({})
    assert settings.port == 8000
    assert settings.database_url is None
    assert settings.home == Path.cwd()


def test_values_are_typed_and_an_empty_variable_counts_as_unset() -> None:
    settings = from_environment(
        {"RECOMMENDER_PORT": "9001", "RECOMMENDER_CURRENCY": "pln", "RECOMMENDER_REDIS_URL": ""}
    )
    assert (settings.port, settings.currency, settings.redis_url) == (9001, "PLN", None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RECOMMENDER_HOMEE", "x", "Did you mean RECOMMENDER_HOME?"),
        ("RECOMMENDER_PORT", "http", "must be a whole number"),
        ("RECOMMENDER_PORT", "70000", "between 1 and 65535"),
        ("RECOMMENDER_TIMEZONE", "Mars/Base", "no IANA time zone"),
        ("RECOMMENDER_CURRENCY", "złoty", "ISO 4217"),
        ("RECOMMENDER_WORKERS", "0", "between 1 and 64"),
        ("RECOMMENDER_NEWSLETTER_TAGS", "newsletter", "names and values"),
        ("RECOMMENDER_NEWSLETTER_TAGS", "?utm_source=mail", "names and values"),
        ("RECOMMENDER_NEWSLETTER_TAGS", "utm_source=my mail", "names and values"),
        ("RECOMMENDER_NEWSLETTER_TAGS", "utm_source=", "names and values"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match="RECOMMENDER_") as caught:
        from_environment({name: value})
    assert said in str(caught.value)
    assert name in str(caught.value)

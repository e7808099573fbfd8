"""Plural forms of whole numbers in the languages we speak: one rule for reasons, letters and pages."""

from recommender.domain.requests import Language


def plural(language: Language, n: int) -> str:
    """The plural form a whole number takes.

    English: one, other. Polish: one (1), few (2-4, 22-24, …), many (the rest). Russian: one (1, 21, …), few (2-4,
    22-24, …), many (the rest).

    References
    ----------
    Unicode CLDR, plural rules for ``en``, ``pl`` and ``ru``, whole numbers.
    """
    if language is Language.EN:
        return "one" if n == 1 else "other"
    if n == 1 or (language is Language.RU and n % 10 == 1 and n % 100 != 11):
        return "one"
    return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"

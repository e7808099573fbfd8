"""Texts as they are compared where case and accents say nothing."""

import unicodedata


def folded(text: str) -> str:
    """Lower case without accents: ``Ciąża`` is ``ciaza``, ``Ёлка`` is ``елка``; spaces and punctuation stay."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(c for c in bare if not unicodedata.combining(c))

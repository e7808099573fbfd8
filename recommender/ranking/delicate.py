"""Words that make a category delicate: health, intimacy, pregnancy, sex life, weight and faith.

They are compared without case and accents (:func:`recommender.domain.folding.folded`) with how the words of a category's path
begin. A full stop stands where a word ends: ``sex.`` is not met by ``sextant``.
"""

from recommender.domain.requests import Language

_ENGLISH = (
    "health, pharmac, medic, dietary supplement, food supplement, diabet, oncolog, psychiatr, hemorrhoid, menopaus",
    "intima, contracept, condom, incontinen, menstru, tampon, sanitary pad, sanitary towel",
    "pregnan, maternity, motherhood, fertility, infertil, breastfeed",
    "erotic, sex., sexes., sexual, sexy., sexshop, sextoy, adult toy, adults only, lgbt, lesbian, gay.",
    "slimming, weight loss, obesity",
    (
        "religio, faith., faiths., christianity, catholic, orthodox church, islam, muslim, judai, jewish, buddhis, hindu, bible., bibles.,"
        "quran, koran., torah, rosary, rosaries, church., churches., prayer, theolog, devotional"
    ),
)
_POLISH = (
    (
        "zdrowi, zdrowot, aptek, aptecz, lek., leki., lekow., lekarst, lekarsk, farmac, medycz, medycyn, suplement, cukrzyc, onkolog,"
        "psychiatr, hemoroid, menopauz"
    ),
    "intymn, antykoncep, prezerwatyw, nietrzyma, menstru, podpask, tampon",
    "ciąż, macierzyń, płodnoś, niepłodn, laktac, karmienie piersią",
    "erotyc, erotyk, seks., seksu, sekso, seksi, sekss",
    "odchudz, otyłoś, nadwag",
    (
        "religi, dewocjon, wiara., wiary., kościel, kościół, kościoł, modlit, różaniec, różańc, biblia., biblii., biblie., katolic,"
        "chrześcij, prawosław, judaizm, żydows, buddyz, teolog, komunijn"
    ),
)
_RUSSIAN = (
    "здоров, аптек, аптеч, лекарст, медицин, медикам, фармац, бад., бады., диабет, онколог, психиатр, геморро, менопауз",
    "интим, контрацеп, презерватив, недержан, менстру, тампон, гигиенические прокладки",
    "беремен, материнств, фертильн, бесплод, грудное вскармливание",
    "эроти, секс., сексу, сексо, секси, сексш, товары для взрослых, лгбт",
    "похуд, ожирен, снижение веса, лишний вес",
    (
        "религи, вера., христиан, православ, католи, ислам, мусульман, иудаи, еврейск, будди, библия., библии., коран., церков, церкв,"
        "молит, икона., иконы., богослов"
    ),
)
WORDS_OF = {Language.EN: _ENGLISH, Language.PL: _POLISH, Language.RU: _RUSSIAN}
SENSITIVE_WORDS: tuple[str, ...] = tuple(
    dict.fromkeys(
        word.strip().replace(".", " ") for groups in WORDS_OF.values() for group in groups for word in group.split(",")
    )
)
"""Beginnings of words; one that ends with a space is a whole word."""

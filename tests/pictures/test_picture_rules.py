"""What a name says of the drawing: the thing, the colours, the pattern, the wall."""

import pytest

from recommender.pictures import svg
from recommender.pictures.colours import COLOURS, OTHER, PARTY, choose, named_colours, shelf_of
from recommender.pictures.patterns import pattern_of
from recommender.pictures.words import FALL_BACK, motif_of


@pytest.mark.parametrize(
    ("title", "motif"),
    [
        ("Regency cakestand 3 tier", "cakestand"),
        ("White hanging heart T-light holder", "tlheart"),
        ("Lunch bag owls design", "lunchbag"),
        ("PINK OWL SOFT TOY", "owl"),
        ("Alarm clock bakelike red", "clock"),
        ("Red diner wall clock", "wallclock"),
        ("Set of 3 heart cookie cutters", "cutter-heart"),
        ("Pink fairy cake childrens apron", "apron"),
        ("Set of 5 red retrospot lid glass bowls", "bowl"),
        ("Jam making set with jars", "jar"),
    ],
)
def test_what_a_thing_is_goes_before_what_is_painted_on_it(title: str, motif: str) -> None:
    assert motif_of(title, "Gifts > Other") == motif


def test_a_keyword_begins_where_a_word_begins() -> None:
    assert motif_of("Scathing", None) == FALL_BACK
    assert motif_of("Hearts", None) == "heart"


def test_a_keyword_with_an_end_does_not_end_inside_a_word() -> None:
    assert motif_of("Catalogue", None) == FALL_BACK
    assert motif_of("Black cat", None) == "cat"


def test_a_name_that_says_nothing_is_drawn_by_its_category() -> None:
    assert motif_of("Alfresco 12", "Kitchen > Mugs & teaware") == "mug"
    assert motif_of("Alfresco 12", "Kitchen > Tableware & glass") == "bowl"


def test_without_word_and_category_a_parcel_is_drawn() -> None:
    assert motif_of("Alfresco 12", None) == FALL_BACK
    assert motif_of("", "Gifts > Other") == FALL_BACK


def test_a_name_in_another_alphabet_is_drawn_too() -> None:
    assert svg("k1", "Чайник красный", "Kitchen > Mugs & teaware").startswith("<svg ")


def test_marks_of_a_name_never_reach_the_picture() -> None:
    drawn = svg('"><script>', '<text onload="x">&', "<b>")
    assert "script>" not in drawn
    assert "onload" not in drawn


def test_plain_colours_go_before_hints() -> None:
    assert named_colours("Strawberry mug pink") == ("pink", "red")


def test_the_first_colour_is_the_main_one_and_the_second_another() -> None:
    assert choose("v1", named_colours("Red and white spotty red cup"), PARTY) == ("red", "white")


def test_metal_is_no_colour_of_a_sign() -> None:
    assert named_colours("Metal sign", ignore=frozenset({"metal"})) == ()
    assert COLOURS["grey"].main not in svg("v1", "Bathroom metal sign", "Home > Signs & wall decor")


def test_a_colour_nobody_named_is_one_of_the_shelf_and_fixed_by_the_id() -> None:
    chosen = {choose(f"v{n}", (), PARTY)[0] for n in range(100)}
    assert chosen == set(PARTY.colours)
    assert choose("v1", (), PARTY) == choose("v1", (), PARTY)


def test_the_accent_is_never_the_main_colour() -> None:
    assert all(
        len(set(choose(f"v{n}", named, PARTY))) == 2 for n in range(300) for named in ((), ("pink",), ("ivory",))
    )


def test_pale_things_stand_before_the_deep_wall() -> None:
    assert PARTY.deep in svg("v1", "White bowl", "Party")
    assert PARTY.pale in svg("v1", "Red bowl", "Party")


def test_a_category_nobody_thought_of_has_the_neutral_wall() -> None:
    assert shelf_of("Fishing > Rods") == shelf_of(None) == OTHER


@pytest.mark.parametrize(
    ("title", "pattern"),
    [
        ("Jumbo bag red retrospot", "dots"),
        ("Polkadot rain hat", "dots"),
        ("Gingham heart decoration", "check"),
        ("Vintage Union Jack bunting", "jack"),
        ("Recipe box pantry yellow design", "stripe"),
        ("Jumbo bag strawberry", "berry"),
        ("Regency teapot roses", "flower"),
        ("Set of 3 cake tins", ""),
        ("Starch", ""),
    ],
)
def test_a_pattern_word_gives_the_body_its_pattern(title: str, pattern: str) -> None:
    assert pattern_of(title) == pattern


def test_a_heart_is_not_covered_with_hearts() -> None:
    assert "<pattern" not in svg("v1", "Love heart", "Home > Decorations")
    assert "<pattern" in svg("v1", "Gingham heart", "Home > Decorations")


def test_two_items_that_differ_in_their_words_look_different() -> None:
    assert svg("v1", "Alarm clock bakelike red", "Home") != svg("v1", "Alarm clock bakelike green", "Home")

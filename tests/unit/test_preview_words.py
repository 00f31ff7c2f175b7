"""Which words of a prompt mean what to the preview engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.preview.moods import MOODS as MOOD_FUNCTIONS
from embedded.preview.styles import OWN_COLOURS, PIECES
from embedded.preview.styles import STYLES as STYLE_FUNCTIONS
from embedded.preview.words import COLOURS, MOODS, MOST_MOODS, MOST_STYLES, OPPOSITES, STYLES, plan

KNOWN = (
    "watercolour watercolor anime pencil coloured colored night sunset winter no not without red blue gold,"
)
ODD = "cat hat skill ( ) 1920s low-poly 3d 8-bit ukiyo-e b&w ₂ é 🎨 \0"
WORDS = st.sampled_from([*KNOWN.split(), *ODD.split(), chr(0xD800)])  # the last: half a character


def test_every_word_list_has_its_function_and_every_function_its_words() -> None:
    assert STYLES.keys() == STYLE_FUNCTIONS.keys()
    assert MOODS.keys() == MOOD_FUNCTIONS.keys()
    assert STYLES.keys() >= OWN_COLOURS | PIECES
    assert MOODS.keys() >= OPPOSITES.keys() | set(OPPOSITES.values())


@pytest.mark.parametrize(
    ("prompt", "styles", "moods"),
    [
        ("a watercolour of my dog", ["watercolour"], []),
        ("Watercolor, at NIGHT", ["watercolour"], ["night"]),
        ("coloured pencil drawing", ["coloured_pencil"], []),
        ("colored pencil", ["coloured_pencil"], []),
        ("oil painting on canvas", ["oil"], []),
        ("a watercolor painting", ["watercolour"], []),
        ("a painting", ["painterly"], []),
        ("3d render", ["toy"], []),
        ("low poly", ["low_poly"], []),
        ("low-poly", ["low_poly"], []),
        ("pixel art of a snowy sunset", ["pixel"], ["winter", "sunset"]),
        ("starry night by van gogh", ["van_gogh"], []),
        ("anime, then comic", ["anime", "comic"], []),
        ("black and white", [], ["noir"]),
        ("winter, no snow", [], ["winter"]),
        ("ice cream in summer", [], ["summer"]),
    ],
)
def test_words_choose_style_and_mood_in_their_order(prompt: str, styles: list[str], moods: list[str]) -> None:
    chosen = plan(prompt)
    assert (list(chosen.styles), list(chosen.moods)) == (styles, moods)
    assert chosen.understood


@pytest.mark.parametrize("prompt", ["turmoil in a brain", "a fireplace", "Dartmoor", "", "猫が帽子をかぶる"])
def test_only_whole_words_count_and_an_unknown_prompt_becomes_painterly_in_a_tint_of_its_own(
    prompt: str,
) -> None:
    chosen = plan(prompt)
    assert not chosen.understood
    assert chosen.styles == ("painterly",)
    assert chosen.tints == plan(prompt).tints != plan(prompt + "!").tints


@pytest.mark.parametrize("refusal", ["no", "not", "without"])
def test_a_word_that_is_refused_in_place_does_not_count(refusal: str) -> None:
    assert plan(f"anime, {refusal} snow").moods == ()


def test_a_colour_word_is_a_tint() -> None:
    assert plan("turquoise").tints == (COLOURS["teal|cyan|turquoise"],)


def test_the_negative_prompt_takes_away_and_asks_for_the_opposite() -> None:
    assert plan("anime, comic, dark winter", "comic, winter").styles == ("anime",)
    assert plan("anime", "blur, dark").moods == ("bright", "sharp")
    assert "dark" not in plan("dark anime", "dark").moods
    assert plan("red and blue", "red").tints == (COLOURS["blue"],)


def test_a_refused_style_makes_room_for_the_next_one() -> None:
    assert plan("anime, comic, neon", "anime").styles == ("comic", "neon")


@given(st.text() | st.lists(WORDS).map(" ".join), st.text() | st.lists(WORDS).map(" ".join))
def test_any_text_gives_a_plan_that_changes_something(prompt: str, negative_prompt: str) -> None:
    chosen = plan(prompt, negative_prompt)
    assert chosen == plan(prompt, negative_prompt)
    assert chosen.styles or chosen.moods or chosen.tints
    assert len(chosen.styles) <= MOST_STYLES
    assert len(chosen.moods) <= MOST_MOODS + len(OPPOSITES)
    assert set(chosen.styles) <= STYLES.keys()
    assert set(chosen.moods) <= MOODS.keys()

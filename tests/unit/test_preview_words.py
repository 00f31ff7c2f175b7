"""Which words of a prompt mean what to the preview engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.preview.languages import JAPANESE, LATIN
from embedded.preview.moods import MOODS as MOOD_FUNCTIONS
from embedded.preview.styles import OWN_COLOURS, PIECES
from embedded.preview.styles import STYLES as STYLE_FUNCTIONS
from embedded.preview.words import (
    COLOURS,
    MOODS,
    MOST_CHARACTERS,
    MOST_MOODS,
    MOST_STYLES,
    OPPOSITES,
    STYLES,
    plan,
)

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
        ("cubism", ["cubist"], []),
        ("a portrait by Picasso", ["cubist"], []),
        ("graffiti, street art", ["graffiti"], []),
        ("Art Deco poster", ["art_deco", "pop_art"], []),
        ("art déco", ["art_deco"], []),
        ("a Disney film", ["toy"], []),
        ("a cartoon film", ["toy"], []),
        ("a cartoon", ["comic"], []),
        ("sci-fi", [], ["cyberpunk"]),
        ("science fiction robots", [], ["cyberpunk"]),
        ("a spaceship", [], ["space"]),
        ("steampunk", [], ["steampunk"]),
        # German
        ("Ein Aquarell im Winter", ["watercolour"], ["winter"]),
        ("ÖLGEMÄLDE bei Nacht", ["oil"], ["night"]),
        ("O\u0308lgema\u0308lde", ["oil"], []),
        ("Bleistiftzeichnung", ["pencil"], []),
        ("Aquarell ohne Schnee", ["watercolour"], []),
        # French
        ("une aquarelle, la nuit", ["watercolour"], ["night"]),
        ("peinture à l'huile", ["oil"], []),
        ("peinture à l’huile en hiver", ["oil"], ["winter"]),
        ("dessin au crayon", ["pencil"], []),
        ("bande dessinée sans neige", ["comic"], []),
        # Spanish
        ("acuarela de noche", ["watercolour"], ["night"]),
        ("al óleo", ["oil"], []),
        ("un dibujo a lápiz, sin nieve", ["pencil"], []),
        # Portuguese
        ("aquarela no inverno", ["watercolour"], ["winter"]),
        ("pintura a óleo à noite", ["oil"], ["night"]),
        # Japanese
        ("冬の夜の水彩画", ["watercolour"], ["winter", "night"]),
        ("猫の油絵", ["oil"], []),
        ("色鉛筆", ["coloured_pencil"], []),
        ("鉛筆デッサン", ["pencil"], []),
        ("ｱﾆﾒ風", ["anime"], []),
    ],
)
def test_words_choose_style_and_mood_in_their_order(prompt: str, styles: list[str], moods: list[str]) -> None:
    chosen = plan(prompt)
    assert (list(chosen.styles), list(chosen.moods)) == (styles, moods)
    assert chosen.understood


@pytest.mark.parametrize(
    "prompt",
    [
        "turmoil in a brain",
        "a fireplace",
        "Dartmoor",
        "",
        "猫が帽子をかぶる",
        "ein Hund im Gruen",
        "verdant hills",
    ],
)
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


def test_every_word_of_another_language_belongs_to_a_style_a_mood_or_a_colour() -> None:
    assert STYLES.keys() | MOODS.keys() | COLOURS.keys() >= LATIN.keys() | JAPANESE.keys()
    assert len(STYLES | MOODS | COLOURS) == len(STYLES) + len(MOODS) + len(COLOURS)


@pytest.mark.parametrize("prompt", ["ein blauer Hund", "un perro azul", "un chien bleu", "青い犬"])
def test_a_colour_is_known_in_other_languages(prompt: str) -> None:
    assert plan(prompt).tints == (COLOURS["blue"],)
    assert plan(prompt).understood


def test_only_the_beginning_of_an_endless_prompt_counts() -> None:
    assert not plan("x " * MOST_CHARACTERS + "winter").understood
    assert plan("winter " + "x " * MOST_CHARACTERS).moods == ("winter",)


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

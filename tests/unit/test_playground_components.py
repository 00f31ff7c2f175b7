"""What the playground's Discord accepts of components and modals, and how it says no."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import modals, options
from playground.clock import Clock, Snowflakes
from playground.components import check_message
from playground.errors import Form, FormError, PersonError
from playground.files import Attachment, FileStore
from playground.world import ART, MEMBER, World

JSON = dict[str, Any]

PICTURE = Attachment("7", "a.png", 10, Path("a.png"), "image/png", 4, 3)


def text(content: str = "hello") -> JSON:
    return {"type": 10, "content": content}


def button(custom_id: str = "go", **more: Any) -> JSON:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": custom_id} | more


def row(*components: JSON) -> JSON:
    return {"type": 1, "components": list(components)}


def gallery(*urls: str) -> JSON:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def select(**more: Any) -> JSON:
    return {"type": 3, "custom_id": "menu", "options": [{"label": "A", "value": "a"}]} | more


def check(*components: JSON, v2: bool = True) -> list[JSON]:
    form = Form()
    named = {"attachment://a.png": PICTURE}
    out = check_message(form, list(components), v2=v2, resolve=named.get)
    form.refuse_if_wrong()
    return out


def codes(error: JSON) -> set[str]:
    """All error codes of a tree."""
    found = {entry["code"] for entry in error.get("_errors", [])}
    for key, inner in error.items():
        if key != "_errors":
            found |= codes(inner)
    return found


def refusal(do: Callable[[], object]) -> set[str]:
    with pytest.raises(FormError) as refused:
        do()
    assert refused.value.errors is not None
    return codes(refused.value.errors)


def test_components_come_back_with_ids_defaults_and_their_files() -> None:
    container, buttons = check(
        {"type": 17, "components": [text(), gallery("attachment://a.png")]}, row(button(id=2))
    )
    assert container["accent_color"] is None
    assert [c["id"] for c in (container, *container["components"], buttons)] == [1, 3, 4, 5]
    assert buttons["components"][0] == button(id=2, disabled=False)
    assert container["components"][1]["items"][0]["media"]["attachment_id"] == "7"


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([text("x" * 2001), text("y" * 2000)], "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
        ([text("x" * 4001)], "BASE_TYPE_BAD_LENGTH"),
        ([text("")], "BASE_TYPE_REQUIRED"),
        ([{"type": 17, "components": [text()] * 40}], "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
        ([row(button("a"), button("a"))], "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ([row(button("x" * 101))], "BASE_TYPE_BAD_LENGTH"),
        ([row(button(""))], "BASE_TYPE_REQUIRED"),
        ([row(*(button(str(n)) for n in range(6)))], "BASE_TYPE_BAD_LENGTH"),
        ([row(button(), select())], "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
        ([row()], "BASE_TYPE_BAD_LENGTH"),
        ([row(button(label=""))], "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL"),
        ([row({"type": 2, "style": 5, "label": "x", "url": "javascript:1"})], "URL_TYPE_INVALID_SCHEME"),
        ([row(select(options=[]))], "BASE_TYPE_BAD_LENGTH"),
        ([row(select(min_values=3, max_values=2))], "NUMBER_TYPE_MAX"),
        ([gallery()], "BASE_TYPE_BAD_LENGTH"),
        ([gallery(*["attachment://a.png"] * 11)], "BASE_TYPE_BAD_LENGTH"),
        ([gallery("attachment://b.png")], "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
        ([{"type": 13, "file": {"url": "https://example.com/x"}}], "URL_TYPE_INVALID_SCHEME"),
        ([button()], "UNION_TYPE_CHOICES"),
        ([text() | {"id": 4}, text() | {"id": 4}], "COMPONENT_ID_DUPLICATED"),
        ([{"type": 9, "components": [text()], "accessory": text()}], "UNION_TYPE_CHOICES"),
    ],
)
def test_a_components_limit_is_held(components: list[JSON], code: str) -> None:
    assert code in refusal(lambda: check(*components))


def test_without_the_v2_flag_there_are_only_rows() -> None:
    assert refusal(lambda: check(text(), v2=False)) == {"UNION_TYPE_CHOICES"}
    assert check(row(button()), v2=False)[0]["components"][0]["custom_id"] == "go"


def test_an_error_tree_mirrors_the_body() -> None:
    with pytest.raises(FormError) as refused:
        check(text(), row(button(), button("x" * 101)))
    assert refused.value.body() == {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {
            "components": {
                "1": {
                    "components": {
                        "1": {
                            "custom_id": {
                                "_errors": [
                                    {
                                        "code": "BASE_TYPE_BAD_LENGTH",
                                        "message": "Must be between 1 and 100 in length.",
                                    }
                                ]
                            }
                        }
                    }
                }
            }
        },
    }


def label(component: JSON, **more: Any) -> JSON:
    return {"type": 18, "label": "Label", "component": component} | more


def modal(*rows: JSON) -> JSON:
    return modals.check_modal({"custom_id": "m", "title": "Modal", "components": list(rows)})


TEXT_INPUT: JSON = {"type": 4, "custom_id": "t", "style": 1}
RADIO: JSON = {"type": 21, "custom_id": "r", "options": [{"label": x, "value": x} for x in "ab"]}
BOXES: JSON = {"type": 22, "custom_id": "c", "options": [{"label": x, "value": x} for x in "ab"]}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "BASE_TYPE_BAD_LENGTH"),
        ([text()] * 6, "BASE_TYPE_BAD_LENGTH"),
        ([label(TEXT_INPUT, label="x" * 46)], "BASE_TYPE_BAD_LENGTH"),
        ([label(TEXT_INPUT), label(TEXT_INPUT)], "COMPONENT_CUSTOM_ID_DUPLICATED"),
        ([label(TEXT_INPUT | {"max_length": 4001})], "NUMBER_TYPE_MAX"),
        ([label(RADIO | {"options": RADIO["options"][:1]})], "BASE_TYPE_BAD_LENGTH"),
        ([label(select(disabled=True))], "COMPONENT_DISABLED_IN_MODAL"),
        ([label(button())], "UNION_TYPE_CHOICES"),
        ([row(button())], "UNION_TYPE_CHOICES"),
        ([gallery("attachment://a.png")], "UNION_TYPE_CHOICES"),
    ],
)
def test_a_modals_limit_is_held(rows: list[JSON], code: str) -> None:
    assert code in refusal(lambda: modal(*rows))


@pytest.fixture
def resolver() -> Iterator[options.Resolver]:
    clock = Clock()
    files = FileStore(clock, Snowflakes(clock))
    yield options.Resolver(World(), files, ART, MEMBER)
    files.close()


def test_a_modal_is_filled_in_with_defaults_for_what_is_left_out(resolver: options.Resolver) -> None:
    shown = modal(
        text("Read this"),
        label(TEXT_INPUT | {"value": "before"}),
        label(RADIO | {"options": [*RADIO["options"], {"label": "c", "value": "c", "default": True}]}),
        label(BOXES | {"required": False}),
        label({"type": 23, "custom_id": "b"}),
    )
    note, prompt, radio, boxes, box = modals.fill_in(shown, {"b": True}, resolver)
    assert note == {"type": 10, "id": 1}
    assert prompt["component"] == {"type": 4, "id": 3, "custom_id": "t", "value": "before"}
    assert radio["component"]["value"] == "c"
    assert boxes["component"]["values"] == []
    assert box["component"]["value"] is True


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        (TEXT_INPUT, "", "required"),
        (TEXT_INPUT | {"min_length": 3}, "ab", "between 3"),
        (TEXT_INPUT | {"max_length": 3}, "abcd", "between 0 and 3"),
        (RADIO, None, "Choose"),
        (RADIO, "z", "no such option"),
        (BOXES, [], "Choose"),
        (BOXES, ["a", "a"], "twice"),
        (select(max_values=1), ["a", "b"], "Choose"),
        ({"type": 19, "custom_id": "f"}, ["99"], "no attachment"),
        ({"type": 5, "custom_id": "u"}, ["nobody"], "no user"),
        ({"type": 23, "custom_id": "b"}, "yes", "true or false"),
    ],
)
def test_a_modal_that_is_filled_in_wrongly_is_not_sent(
    resolver: options.Resolver, field: JSON, value: Any, why: str
) -> None:
    with pytest.raises(PersonError, match=why):
        modals.fill_in(modal(label(field)), {field["custom_id"]: value}, resolver)


KINDS = st.sampled_from([1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 17, 18, 19, 21, 22, 23, "1", None])
WORDS = "id custom_id components items media url component options value style content min_values default"
KEYS = st.sampled_from(WORDS.split(" "))


def inside(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(KEYS, inner, max_size=5)
    return (
        st.lists(inner, max_size=3)
        | fields
        | st.builds(lambda kind, rest: rest | {"type": kind}, KINDS, fields)
    )


SCALARS = st.none() | st.booleans() | st.integers(-5, 50) | st.text(max_size=5) | st.floats()
ANY_JSON: st.SearchStrategy[Any] = st.recursive(SCALARS, inside, max_leaves=20)


@given(st.lists(ANY_JSON), st.booleans())
def test_whatever_comes_is_taken_or_refused_in_form(components: list[Any], v2: bool) -> None:
    for attempt in (lambda: check(*components, v2=v2), lambda: modal(*components)):
        with contextlib.suppress(FormError):
            attempt()

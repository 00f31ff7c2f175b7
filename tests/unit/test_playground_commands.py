"""What the playground's Discord accepts of commands, and of what people fill in for them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import options
from playground.clock import Clock, Snowflakes
from playground.commands import Commands, check_choices
from playground.errors import DiscordError, FormError, PersonError
from playground.files import FileStore
from playground.world import ART, MEMBER, World

JSON = dict[str, Any]


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


@pytest.fixture
def resolver() -> Iterator[options.Resolver]:
    clock = Clock()
    files = FileStore(clock, Snowflakes(clock))
    yield options.Resolver(World(), files, ART, MEMBER)
    files.close()


def command(*listed: JSON, **more: Any) -> JSON:
    return {"name": "paint", "description": "Paint", "options": list(listed)} | more


def option(kind: int = 3, name: str = "a", **more: Any) -> JSON:
    return {"type": kind, "name": name, "description": "An option"} | more


@pytest.fixture
def commands() -> Commands:
    return Commands(Snowflakes(Clock()))


CHOICES = [{"name": str(n), "value": str(n)} for n in range(26)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (command(name="Paint"), "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="two words"), "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="x" * 33), "BASE_TYPE_BAD_LENGTH"),
        (command(description=""), "BASE_TYPE_REQUIRED"),
        (command(description="x" * 101), "BASE_TYPE_BAD_LENGTH"),
        (command(*(option(name=f"o{n}") for n in range(26))), "BASE_TYPE_BAD_LENGTH"),
        (command(option(), option()), "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE"),
        (command(option(), option(name="b", required=True)), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
        (command(option(choices=CHOICES)), "BASE_TYPE_BAD_LENGTH"),
        (command(option(choices=CHOICES[:2], autocomplete=True)), "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID"),
        (command(option(4, choices=CHOICES[:2])), "BASE_TYPE_CHOICES"),
        (command(option(3, min_value=1)), "APPLICATION_COMMAND_OPTION_FIELD_INVALID"),
        (command(option(1), option(3, "b")), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        (command(option(12)), "BASE_TYPE_CHOICES"),
        (command(contexts=[3]), "BASE_TYPE_CHOICES"),
        (command(contexts=[[0]]), "BASE_TYPE_CHOICES"),
        (command(contexts=5), "LIST_TYPE_CONVERT"),
        (command(integration_types=[2]), "BASE_TYPE_CHOICES"),
        (command(integration_types=[1, 1]), "SET_TYPE_ALREADY_CONTAINS_VALUE"),
        ({"type": 3, "name": "Menu", "description": "x"}, "APPLICATION_COMMAND_INVALID_CONTEXT_MENU"),
    ],
)
def test_a_commands_limit_is_held(commands: Commands, given: JSON, code: str) -> None:
    assert code in refusal(lambda: commands.overwrite(None, [given]))
    assert commands.all(None) == []


def test_overwriting_keeps_the_ids_of_what_stays(commands: Commands) -> None:
    first = commands.overwrite(None, [command(), {"type": 3, "name": "Menu"}])
    second = commands.overwrite(None, [command(), command(name="jobs")])
    assert second[0] == first[0]
    changed = commands.overwrite(None, [command(description="New")])[0]
    assert changed["id"] == first[0]["id"]
    assert changed["version"] != first[0]["version"]


def test_a_scope_holds_fifteen_message_commands(commands: Commands) -> None:
    menus = [{"type": 3, "name": f"Menu {n}"} for n in range(16)]
    commands.overwrite(None, menus[:15])
    with pytest.raises(DiscordError) as refused:
        commands.overwrite(None, menus)
    assert refused.value.code == 30032


def test_autocomplete_offers_at_most_25_choices() -> None:
    assert len(check_choices(CHOICES[:25])) == 25
    assert refusal(lambda: check_choices(CHOICES)) == {"BASE_TYPE_BAD_LENGTH"}
    assert "BASE_TYPE_BAD_LENGTH" in refusal(lambda: check_choices([{"name": "x" * 101, "value": "a"}]))


@pytest.mark.parametrize(
    ("spec", "value", "why"),
    [
        (option(required=True), None, "required"),
        (option(min_length=2), "x", "between 2"),
        (option(3), 5, "is text"),
        (option(4, max_value=9), 10, "between"),
        (option(4), 1.5, "whole number"),
        (option(4), True, "whole number"),
        (option(10, min_value=0, max_value=1), 1.1, "between 0 and 1"),
        (option(10), float("nan"), "between"),
        (option(5), 1, "true or false"),
        (option(3, choices=CHOICES[:2]), "7", "one of its choices"),
        (option(11), "99", "no attachment"),
        (option(6), "nobody", "no user"),
        (option(7), "staff", "no channel"),
        (option(7, channel_types=[2]), "art", "of that type"),
        (option(8), "Nobility", "no role"),
    ],
)
def test_an_option_that_is_filled_in_wrongly_is_not_sent(
    resolver: options.Resolver, spec: JSON, value: Any, why: str
) -> None:
    with pytest.raises(PersonError, match=why):
        options.fill_in(command(spec), {"a": value}, resolver)


def test_options_are_sent_in_their_order_with_what_they_stand_for(resolver: options.Resolver) -> None:
    spec = command(option(10, "strength"), option(6, "who"), option(8, "role"), option(5, "private"))
    given = {"private": False, "role": "Staff", "who": "member2", "strength": 1}
    filled = options.fill_in(spec, given, resolver)
    assert [entry["name"] for entry in filled] == ["strength", "who", "role", "private"]
    assert filled[1]["value"] in resolver.found["members"]
    assert resolver.found["roles"][filled[2]["value"]]["name"] == "Staff"
    with pytest.raises(PersonError, match="no option 'colour'"):
        options.fill_in(spec, {"colour": "red"}, resolver)


FIELDS = st.sampled_from(["type", "name", "description", "options", "choices", "value", "name_localizations"])
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 50) | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)


@given(st.lists(ANY_JSON))
def test_whatever_is_registered_is_taken_or_refused_in_form(given_commands: list[Any]) -> None:
    with contextlib.suppress(FormError):
        Commands(Snowflakes(Clock())).overwrite(None, given_commands)
    with contextlib.suppress(FormError):
        check_choices(given_commands)

"""Commands are registered anew only when they differ from what Discord has."""

from typing import Any

import pytest

from repaint.ui.registration import differ

OURS: dict[str, Any] = {
    "name": "img2img",
    "description": "Repaint a picture",
    "type": 1,
    "nsfw": False,
    "contexts": [1, 0],
    "integration_types": [0],
    "default_member_permissions": None,
    "options": [
        {"type": 11, "name": "image", "description": "The picture", "required": True},
        {
            "type": 3,
            "name": "scheduler",
            "description": "The schedule",
            "required": False,
            "choices": [{"name": "normal", "value": "normal"}, {"name": "karras", "value": "karras"}],
        },
    ],
}
THEIRS: dict[str, Any] = OURS | {
    "id": "1",
    "application_id": "2",
    "version": "3",
    "name_localizations": None,
    "dm_permission": True,
    "contexts": [0, 1],
    "options": [
        {"type": 11, "name": "image", "description": "The picture", "required": True},
        {
            "type": 3,
            "name": "scheduler",
            "description": "The schedule",
            "choices": [
                {"name": "normal", "value": "normal", "name_localizations": None},
                {"name": "karras", "value": "karras"},
            ],
        },
    ],
}


def test_what_discord_adds_makes_no_difference() -> None:
    assert not differ([OURS], [THEIRS])


def test_the_order_of_commands_makes_no_difference() -> None:
    other = {"name": "help", "description": "Help", "type": 1}
    assert not differ([OURS, other], [other, THEIRS])


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Repaint"},
        {"options": list(reversed(OURS["options"]))},
        {"options": OURS["options"][:1]},
        {"contexts": [0]},
        {"nsfw": True},
        {"default_member_permissions": "32"},
        {"name": "repaint"},
        {"name_localizations": {"de": "neumalen"}},
    ],
)
def test_a_real_change_is_a_difference(change: dict[str, Any]) -> None:
    assert differ([OURS | change], [THEIRS])
    assert differ([OURS], [THEIRS | change])


def test_a_missing_or_a_foreign_command_is_a_difference() -> None:
    assert differ([OURS], [])
    assert differ([OURS], [THEIRS, {"name": "old", "description": "Old"}])

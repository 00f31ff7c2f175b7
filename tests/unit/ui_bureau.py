"""The bot with a made-up runner, and people who click on its cards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from discord import ui

from repaint.errors import RepaintError
from repaint.jobs.presenter import Cancelled
from repaint.models import Job
from repaint.ui.buttons import BUTTONS
from tests.unit.ui_house import START, snowflake
from tests.unit.ui_wire import MESSAGE, Wire

ASKER, MODERATOR, SOMEBODY = 22, 90, 91
MANAGE_MESSAGES = 1 << 13
ALL = (1 << 50) - 1
CALLBACK = "/callback"


class Bureau:
    """The bot with a made-up runner."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wire = Wire(monkeypatch)
        self.wire.client.add_dynamic_items(*BUTTONS)
        self.wire.client.runner = self  # type: ignore[attr-defined]
        self.wire.client.people = self  # type: ignore[attr-defined]
        self.opted_out: set[int] = set()
        self.store = self
        self.jobs: dict[str, Job] = {}
        self.outcome: Cancelled | Exception = Cancelled.GONE
        self.trouble: RepaintError | None = None
        self.takes_retries = True
        self.cancelled: list[tuple[str, int]] = []
        self.retried: list[tuple[str, Job]] = []
        self.order: list[str] = []

    # The runner and its store

    async def get(self, job_id: str) -> Job | None:
        self.order.append(f"get after {len(self.wire.calls)} calls")
        return self.jobs.get(job_id)

    async def cancel(self, job_id: str, *, by: int) -> Cancelled:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.cancelled.append((job_id, by))
        return self.outcome

    def check(self, user_id: int) -> None:
        assert user_id == ASKER
        if self.trouble:
            raise self.trouble

    async def retry(self, old_id: str, job: Job) -> bool:
        self.retried.append((old_id, job))
        return self.takes_retries

    def has_opted_out(self, user_id: int) -> bool:
        return user_id in self.opted_out

    # People

    def has(self, job: Job) -> Job:
        self.jobs[job.id] = job
        return job

    async def click(self, view: ui.LayoutView, verb: str = "", *, by: int = ASKER, **changes: Any) -> None:
        """A click on a view's button of this verb, else on its first one, and all that follows from it."""
        ids = [each.custom_id for each in view.walk_children() if isinstance(each, ui.DynamicItem)]
        custom_id = next(each for each in ids if each.startswith(verb))
        self.wire.state.parse_interaction_create(payload(view, custom_id, by, **changes))
        mine = asyncio.current_task()
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not mine))

    @property
    def told(self) -> str:
        """What the clicker was told, and nobody else."""
        said = [call for call in self.wire.calls if call.name.startswith("POST /webhooks/")]
        assert len(said) <= 1
        if not said:
            return ""
        assert said[0].json["flags"] & 64
        return str(said[0].json["components"][0]["components"][0]["content"])

    @property
    def acknowledged(self) -> bool:
        """By a deferred update: the message stays as it is."""
        return bool(self.wire.calls) and self.wire.calls[0].json.get("type") == 6


def payload(view: ui.LayoutView, custom_id: str, by: int, **changes: Any) -> Any:
    guild: int | None = changes.pop("guild", 44)
    message = {
        **MESSAGE,
        "components": view.to_components(),  # type: ignore[no-untyped-call]
        "interaction_metadata": {
            "id": "1300000000000000000",
            "type": 2,
            "user": MESSAGE["author"],
            "authorizing_integration_owners": {"0": "44"},
        },
    } | changes.pop("message", {})
    user = {"id": str(by), "username": "x", "discriminator": "0", "avatar": None}
    permissions = changes.pop("permissions", 0)
    body: dict[str, Any] = {
        "id": str(snowflake(START + 60)),
        "application_id": "11",
        "type": 3,
        "token": "fresh-token",
        "version": 1,
        "data": {"custom_id": custom_id, "component_type": 2, "id": 7},
        "channel_id": "33",
        "channel": {"id": "33", "type": 0, "name": "art", "position": 0}
        if guild
        else {"id": "33", "type": 1},
        "locale": "en-US",
        "app_permissions": str(ALL),
        "authorizing_integration_owners": {"0": str(guild or 0)},
        "attachment_size_limit": 5000,
        "entitlements": [],
        "context": 0 if guild else 1,
        "message": {name: value for name, value in message.items() if value is not None},
    }
    if guild is None:
        body["user"] = user
    else:
        body |= {
            "guild_id": str(guild),
            "guild": {"id": str(guild), "locale": "en-US", "features": []},
            "member": {
                "user": user,
                "roles": [],
                "joined_at": "2026-01-01T00:00:00+00:00",
                "permissions": str(permissions),
                "deaf": False,
                "mute": False,
                "flags": 0,
            },
        }
    return body | changes

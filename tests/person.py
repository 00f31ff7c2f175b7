"""A person at the playground: a small client of its person's and workshop's HTTP API."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from scripts.person import Event, read_events
from tests.shown import JSON, buttons, custom_ids, text_of

__all__ = ["JSON", "Event", "Person", "Refused", "buttons", "custom_ids", "text_of"]


ENGLISH = "en-US"
"""What everybody's client is in unless a test says otherwise; None is each user's own language."""


class Refused(AssertionError):
    """The playground said no. `status` is the HTTP status, `sentence` its reason."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status = status
        self.sentence = sentence


class Person:
    """Runs commands, presses buttons and reads messages at ``base_url``, e.g. ``http://127.0.0.1:9100``.

    Users and channels are named by id or by what they are: ``member``, ``member2``, ``moderator``,
    ``owner``; ``art``, ``staff``, ``age_restricted``, ``thread``, ``showcase``, the ``forum``, ``dm``, and,
    for an app that is installed for a user, ``elsewhere`` and ``group``. Use it as an async context manager,
    or call `close`. A refusal
    raises `Refused`; what does not come in time raises TimeoutError.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def _call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        params = {key: str(value) for key, value in query.items() if value is not None}
        url = self.base_url + path
        async with self.session.request(method, url, params=params, json=body) as answer:
            data = await answer.json(content_type=None)
            if answer.status >= 400:
                raise Refused(answer.status, data["error"])
            return data

    # Looking around

    async def world(self, locale: str | None = None) -> JSON:
        """Guild, channels, users, registered commands, and whether the bot is connected.

        With a `locale`, commands have ``name_localized`` and ``description_localized``, too.
        """
        return dict(await self._call("GET", "/person/world", locale=locale))

    async def posts(self, forum: str = "forum") -> list[JSON]:
        """The posts in a forum, oldest first: their ids are channels', their ``tags`` the tags' names."""
        channels = (await self.world())["channels"]
        parent = next(c["id"] for c in channels if forum in (c["id"], c["kind"], c["name"]))
        return [channel for channel in channels if channel["parent"] == parent]

    async def ready(self, timeout: float = 10.0) -> JSON:  # noqa: ASYNC109 - the server waits
        """Wait until the bot is connected and has registered its commands."""
        return dict(await self._call("GET", "/person/ready", timeout=timeout))

    async def messages(self, user: str = "member", channel: str = "art") -> list[JSON]:
        """What that user sees in that channel, oldest first."""
        return list(await self._call("GET", "/person/messages", user=user, channel=channel))

    async def events(self, user: str | None = None, since: int | None = None) -> AsyncGenerator[Event]:
        """What happens, as it happens; ``since=0`` begins with what is remembered."""
        params = {k: str(v) for k, v in {"user": user, "since": since}.items() if v is not None}
        async with self.session.get(f"{self.base_url}/person/events", params=params) as answer:
            if answer.status >= 400:
                raise Refused(answer.status, (await answer.json())["error"])
            async for event in read_events(answer.content):
                yield event

    async def wait_message(
        self,
        true: Callable[[JSON], bool],
        user: str = "member",
        channel: str = "art",
        timeout: float = 20.0,  # noqa: ASYNC109 - said in one place for the whole wait
    ) -> JSON:
        """The first message, of those there or to come or to change, that is as wished."""
        since = (await self.world())["last_event"]
        there = await self.messages(user, channel)
        for message in reversed(there):
            if true(message):
                return message
        place = await self._channel_id(user, channel)
        async with asyncio.timeout(timeout), contextlib.aclosing(self.events(user, since)) as events:
            async for event in events:
                fits = event.name in ("message_create", "message_update")
                if fits and event.data["channel_id"] == place and true(event.data):
                    return event.data
        raise ConnectionError("the playground ended")

    async def _channel_id(self, user: str, channel: str) -> str:
        world = await self.world()
        users = {name: u["id"] for u in world["users"] for name in (u["id"], u["role"], u["username"])}
        for entry in world["channels"]:
            named = channel in (entry["id"], entry["kind"], entry["name"])
            if named and entry["user"] in (None, users[user]):
                return str(entry["id"])
        raise Refused(404, f"There is no channel {channel!r}.")

    async def download(self, url: str) -> bytes:
        """A file's bytes; Refused where its address does not work any more."""
        async with self.session.get(url) as answer:
            data = await answer.read()
            if answer.status >= 400:
                raise Refused(answer.status, data.decode())
            return data

    # Doing things

    async def upload(
        self, file: Path | bytes, filename: str | None = None, content_type: str | None = None
    ) -> JSON:
        """Upload a file; its ``id`` is what an attachment option or a modal's file field takes."""
        data = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
        name = filename or (file.name if isinstance(file, Path) else "picture.png")
        form = aiohttp.FormData(quote_fields=False)
        form.add_field(
            "file", io.BytesIO(data), filename=name, content_type=content_type or "application/octet-stream"
        )
        async with self.session.post(f"{self.base_url}/person/attachments", data=form) as answer:
            body = await answer.json(content_type=None)
            if answer.status >= 400:
                raise Refused(answer.status, body["error"])
            return dict(body)

    async def command(
        self,
        user: str,
        channel: str,
        name: str,
        /,
        *,
        locale_of_client: str | None = ENGLISH,
        install: str | None = None,
        age: float | None = None,
        **options: Any,
    ) -> str:
        """Run a slash command; answers the interaction's id. A sub-command's name is ``"jobs list"``.

        `install` is "user" for who installed the app for themselves; `age` is how many seconds old the
        interaction looks and its token is.
        """
        body = {"user": user, "channel": channel, "name": name, "options": options}
        manner = {"locale": locale_of_client, "install": install, "age": age}
        return await self._started("/person/commands", body | manner)

    async def context(self, user: str, channel: str, name: str, message: str, **manner: Any) -> str:
        """Run a message's context-menu command; `manner` may be install, age or locale."""
        body = {"user": user, "channel": channel, "name": name, "message": message, "locale": ENGLISH}
        return await self._started("/person/context", body | manner)

    async def autocomplete(
        self, user: str, channel: str, name: str, option: str, /, install: str | None = None, **options: Any
    ) -> list[JSON]:
        """The choices that the bot offers for `option`, of which `options` holds what was typed."""
        body = {"user": user, "channel": channel, "name": name, "option": option, "options": options}
        manner = {"install": install, "locale": ENGLISH}
        answer = await self._call("POST", "/person/autocomplete", body | manner)
        return list(answer["choices"])

    async def press(
        self,
        user: str,
        message: str,
        custom_id: str,
        values: Sequence[str] | None = None,
        age: float | None = None,
        locale_of_client: str | None = ENGLISH,
    ) -> str:
        """Press a button, or choose `values` in a select menu."""
        body = {"user": user, "message": message, "custom_id": custom_id, "values": values}
        manner = {"age": age, "locale": locale_of_client}
        return await self._started("/person/components", body | manner)

    async def click(
        self,
        user: str,
        message: JSON,
        which: str,
        age: float | None = None,
        locale_of_client: str | None = ENGLISH,
    ) -> str:
        """Press the button of `message`, as it was seen, with this label or the start of a custom id."""
        found = [b for b in buttons(message) if b.get("label") == which or b["custom_id"].startswith(which)]
        assert len(found) == 1, f"{len(found)} buttons are {which!r}: {buttons(message)}"
        return await self.press(user, message["id"], found[0]["custom_id"], None, age, locale_of_client)

    async def submit(
        self, user: str, interaction: str, fields: Mapping[str, Any], locale_of_client: str | None = ENGLISH
    ) -> str:
        """Send in the modal that `interaction` was answered with."""
        body = {"user": user, "interaction": interaction, "fields": dict(fields), "locale": locale_of_client}
        return await self._started("/person/modals", body)

    async def _started(self, path: str, body: JSON) -> str:
        return str((await self._call("POST", path, body))["interaction"])

    async def wait_interaction(self, interaction: str, wait: float = 5.0) -> JSON:
        """How it stands once it is not pending any more: acknowledged or failed."""
        return dict(await self._call("GET", f"/person/interactions/{interaction}", wait=wait))

    async def post(
        self, user: str, channel: str, content: str = "", attachments: Sequence[str] = (), **more: Any
    ) -> JSON:
        """Post a message; `more` may be embeds, stickers (names or ids), forward or reply_to.

        In the forum `more` has a title and may have tags; the answer's channel is the new post's.
        """
        body = {"user": user, "channel": channel, "content": content, "attachments": list(attachments)}
        return dict(await self._call("POST", "/person/messages", body | more))

    async def delete(self, user: str, message: str) -> None:
        """Delete a message as that user, or dismiss an ephemeral one."""
        await self._call("DELETE", f"/person/messages/{message}", user=user)

    # The workshop

    async def advance(self, seconds: float) -> None:
        """Move the playground's clock forward."""
        await self._call("POST", "/workshop/clock", {"advance": seconds})

    async def fault(self, kind: str, **spec: Any) -> JSON:
        """Order trouble, e.g. ``fault("rest", path_regex="@original", status=500, times=2)``."""
        return dict(await self._call("POST", "/workshop/faults", {"kind": kind} | spec))

    async def clear_faults(self) -> None:
        await self._call("DELETE", "/workshop/faults")

    async def settings(self, **changes: Any) -> JSON:
        return dict(await self._call("POST", "/workshop/settings", changes))

    async def post_as_bot(
        self, channel: str, content: str = "", attachments: Sequence[str] = (), **more: Any
    ) -> JSON:
        """Post a message as a bot that is not ours; `more` may be components, flags or embeds."""
        body = {"channel": channel, "content": content, "attachments": list(attachments)}
        return dict(await self._call("POST", "/workshop/messages", body | more))

    async def remove(self, **what: str) -> None:
        """Delete ``message=ID`` or ``channel=NAME`` as if a moderator did."""
        await self._call("POST", "/workshop/delete", what)

    async def restore(self, channel: str) -> None:
        """Bring a deleted channel back, empty."""
        await self._call("POST", "/workshop/restore", {"channel": channel})

    async def traffic(self, since: int = 0) -> list[JSON]:
        return list(await self._call("GET", "/workshop/traffic", since=since))

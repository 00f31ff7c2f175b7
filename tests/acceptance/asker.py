"""A person who runs /img2img at the stand-in for Discord and watches what comes back."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import skimage.data
from PIL import Image

from repaint.errors import RepaintError
from scripts.person import status_line
from tests.person import ENGLISH, Person, text_of

SECONDS = 30.0
Message = dict[str, Any]


def photo(name: str = "astronaut", kind: str = "PNG") -> bytes:
    """A real photograph (scikit-image's) as a file's bytes."""
    buffer = io.BytesIO()
    Image.fromarray(getattr(skimage.data, name)()).save(buffer, kind)
    return buffer.getvalue()


class Asker:
    """One member in one channel of the stand-in for Discord. `person` can do what has no method here."""

    def __init__(
        self, base: str, *, role: str = "member", kind: str = "art", install: str | None = None
    ) -> None:
        """`install` is "user" for who installed the app for themselves: so alone in a group or elsewhere."""
        self.person = Person(base)
        self._role = role
        self._kind = kind
        self._install = install
        self._began = 0  # the last event before this person came
        self._old: set[str] = set()  # messages from before
        self.user = ""
        self.channel = ""

    async def __aenter__(self) -> Asker:
        world = await self.person.world()
        self.user = next(each["id"] for each in world["users"] if each["role"] == self._role)
        self.channel = next(
            each["id"]
            for each in world["channels"]
            if each["kind"] == self._kind and each.get("user") in (None, self.user)
        )
        self._began = world["last_event"]
        self._old = {each["id"] for each in await self.messages()}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.person.close()

    # Asking

    async def upload(self, data: bytes, filename: str = "photo.png", content_type: str = "image/png") -> str:
        return str((await self.person.upload(data, filename, content_type))["id"])

    async def ask(
        self,
        picture: bytes | str,
        prompt: str = "a watercolor",
        *,
        age: float | None = None,
        **options: Any,
    ) -> str:
        """Run /img2img; `picture` is a file's bytes or the id of an upload. The interaction's id.

        `age` is how many seconds old the interaction looks and its token is.
        """
        image = picture if isinstance(picture, str) else await self.upload(picture)
        return await self.run("img2img", age=age, image=image, prompt=prompt, **options)

    async def run(self, name: str, /, *, age: float | None = None, **options: Any) -> str:
        """Run any command, ``"jobs show"`` for a sub-command. The interaction's id."""
        return await self.person.command(
            self.user, self.channel, name, install=self._install, age=age, **options
        )

    async def click(self, message: Message, which: str, *, age: float | None = None) -> str:
        """Press a message's button, by its label or how its custom id begins. The interaction's id."""
        return await self.person.click(self.user, message, which, age)

    async def menu(self, message: Message, name: str, *, locale: str = ENGLISH) -> str:
        """Run a command from a message's menu. The interaction's id."""
        return await self.person.context(
            self.user, self.channel, name, message["id"], install=self._install, locale=locale
        )

    async def choose(self, message: Message, custom_id: str, *values: str) -> str:
        """Choose in a message's select menu. The interaction's id."""
        return await self.person.press(self.user, message["id"], custom_id, values)

    async def form(self, interaction: str) -> dict[str, Any]:
        """The form that the bot answered an interaction with."""
        seen = await self.acknowledged(interaction)
        assert "modal" in seen, seen
        return dict(seen["modal"])

    async def send_in(self, interaction: str, **fields: Any) -> str:
        """Send in that form; a field that is not named keeps what stands in it. The interaction's id."""
        return await self.person.submit(self.user, interaction, fields)

    async def acknowledged(self, interaction: str) -> dict[str, Any]:
        """The interaction when Discord has an answer to it, or has given up waiting."""
        return await self.person.wait_interaction(interaction, wait=10)

    # Watching

    async def messages(self, user: str | None = None) -> list[Message]:
        return await self.person.messages(user or self.user, self.channel)

    async def direct_messages(self) -> list[Message]:
        """What the bot and this person wrote to each other, oldest first."""
        return await self.person.messages(self.user, "dm")

    async def new_messages(self) -> list[Message]:
        """What this person sees of what was posted since they came, oldest first."""
        return [each for each in await self.messages() if each["id"] not in self._old]

    async def reply(self, interaction: str) -> Message | None:
        """The reply to an interaction as it is now, if this person can see it."""
        seen = await self.acknowledged(interaction)
        return next((each for each in await self.messages() if each["id"] == seen.get("message")), None)

    async def until(self, check: Callable[[list[Message]], Message | None]) -> Message:
        """Wait until `check` finds its message among those that this person sees, at any change of them."""
        since = (await self.person.world())["last_event"]
        seen = {each["id"]: each for each in await self.messages()}
        if (found := check(list(seen.values()))) is not None:
            return found
        events = self.person.events(self.user, since)
        async with asyncio.timeout(SECONDS), contextlib.aclosing(events):
            async for event in events:
                if event.name == "message_delete":
                    seen.pop(event.data["id"], None)
                elif event.data.get("channel_id") == self.channel:
                    seen[event.data["id"]] = event.data
                if (found := check(list(seen.values()))) is not None:
                    return found
        raise ConnectionError("the stand-in for Discord ended")

    async def until_reply(self, interaction: str, *words: str) -> Message:
        """The reply, when its status line holds one of these words."""
        message_id = (await self.acknowledged(interaction))["message"]

        def fits(messages: list[Message]) -> Message | None:
            reply = next((each for each in messages if each["id"] == message_id), None)
            return reply if reply and any(word in shown(reply) for word in words) else None

        return await self.until(fits)

    async def until_done(self, interaction: str) -> Message:
        return await self._until_end(interaction, "Done")

    async def until_failed(self, interaction: str) -> Message:
        return await self._until_end(interaction, "Failed")

    async def until_failed_with(self, error: type[RepaintError], interaction: str) -> Message:
        """The reply, which says an error's sentence and is all that was posted since this person came."""
        failed = await self.until_failed(interaction)
        assert shown(failed) == f"❌ Failed {error.sentence}"
        assert failed["attachment_files"] == []
        assert [each["id"] for each in await self.new_messages()] == [failed["id"]]
        return failed

    async def _until_end(self, interaction: str, end: str) -> Message:
        reply = await self.until_reply(interaction, "Done", "Failed")
        assert end in shown(reply), shown(reply)
        return reply

    async def until_told_privately(self) -> Message:
        """The newest message since this person came that only they see."""

        def fits(messages: list[Message]) -> Message | None:
            return next((m for m in messages[::-1] if m["ephemeral"] and m["id"] not in self._old), None)

        return await self.until(fits)

    async def lines_shown(self, message: Message) -> list[str]:
        """Every status line that a message has had since this person came, in order."""
        last = (await self.person.world())["last_event"]
        lines: list[str] = []
        events = self.person.events(since=self._began)
        async with asyncio.timeout(SECONDS), contextlib.aclosing(events):
            async for event in events:
                if event.data.get("id") == message["id"] and event.name == "message_update":
                    lines.append(shown(event.data))
                if event.seq >= last:
                    break
        return [line for at, line in enumerate(lines) if line and line not in lines[at - 1 : at]]

    async def pictures(self, message: Message) -> list[bytes]:
        return [await self.person.download(file["url"]) for file in message["attachment_files"]]


def shown(message: Message) -> str:
    """What a message says of its job's state, in one line."""
    return status_line(message)


def text(message: Message) -> str:
    """All words of a message, a component a line."""
    return text_of(message)


def everything(message: Message) -> str:
    """All of a message's components as text, to look for what must or must not be there."""
    return str(message["components"])


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def saved(folder: Path, data: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path

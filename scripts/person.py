"""A person in front of the stand-in for Discord: runs /img2img once and watches the reply."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

READY_SECONDS = 60.0
REPLY_SECONDS = 300.0


class NoPicture(Exception):
    """The bot posted no picture. The message says why, for people; empty where the bot has said it."""


class Event(NamedTuple):
    """One server-sent event of the stand-in."""

    seq: int
    name: str
    data: dict[str, Any]


async def repaint_once(
    base: str, picture: Path, options: dict[str, Any]
) -> AsyncIterator[str | tuple[str, bytes]]:
    """Run /img2img as a member of the art channel.

    Yields each state of the reply as a line, then the finished pictures as (file name, bytes).
    Raises NoPicture where it ends otherwise.
    """
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    async with aiohttp.ClientSession(base, timeout=timeout) as session:
        await _call(session, "GET", "/person/ready", params={"timeout": str(READY_SECONDS)})
        world = await _call(session, "GET", "/person/world")
        user = next(each["id"] for each in world["users"] if each["role"] == "member")
        channel = next(each["id"] for each in world["channels"] if each["kind"] == "art")
        events = await session.get("/person/events", params={"user": user})
        async with events:
            image = await _upload(session, picture)
            command = {
                "user": user,
                "channel": channel,
                "name": "img2img",
                "options": {"image": image, **options},
            }
            await _call(session, "POST", "/person/commands", json=command)
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    async for item in _watch(session, events):
                        yield item
            except TimeoutError:
                raise NoPicture("The bot did not finish in time.") from None


async def _watch(
    session: aiohttp.ClientSession, events: aiohttp.ClientResponse
) -> AsyncIterator[str | tuple[str, bytes]]:
    said = ""
    async for _, kind, data in read_events(events.content):
        if kind == "interaction" and data.get("status") == "failed":
            raise NoPicture("The application did not respond.")
        if kind not in ("message_create", "message_update"):
            continue
        line = status_line(data)
        if line and line != said:
            said = line
            yield line
        if data.get("ephemeral") or "Failed" in line:
            raise NoPicture
        if data.get("attachment_files"):
            for file in data["attachment_files"]:
                async with session.get(file["url"]) as response:
                    response.raise_for_status()
                    yield file["filename"], await response.read()
            return
    raise NoPicture("The stand-in for Discord ended.")


def status_line(message: dict[str, Any]) -> str:
    """What the reply says of its state, in one line without markdown; the prompt and small print left out."""
    texts = [text for text in _texts(message.get("components") or []) if not text.startswith("-#")]
    if len(texts) > 1:
        texts = texts[1:]  # the first is the prompt
    return re.sub(r"\*\*", "", " ".join(texts)).replace("\n", " ")


def _texts(components: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for component in components:
        if isinstance(component.get("content"), str):
            found.append(component["content"])
        found += _texts(component.get("components") or [])
    return found


async def read_events(stream: aiohttp.StreamReader) -> AsyncGenerator[Event]:
    """Server-sent events (WHATWG HTML) as the stand-in writes them: each field on one line."""
    fields: dict[str, str] = {}
    async for raw in stream:
        line = raw.decode().rstrip("\n")
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}


async def _upload(session: aiohttp.ClientSession, picture: Path) -> str:
    form = aiohttp.FormData()
    form.add_field("file", await asyncio.to_thread(picture.read_bytes), filename=picture.name)
    return str((await _call(session, "POST", "/person/attachments", data=form))["id"])


async def _call(session: aiohttp.ClientSession, method: str, path: str, **arguments: Any) -> Any:
    async with session.request(method, path, **arguments) as response:
        body = await response.json()
        if response.status >= 400:
            raise NoPicture(str(body.get("error", body)))
        return body

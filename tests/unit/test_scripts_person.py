"""How the person of `scripts/run` reads the stand-in's events and the bot's reply."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp.base_protocol import BaseProtocol

from scripts.person import Event, read_events, status_line


async def events(*chunks: bytes) -> list[Event]:
    stream = aiohttp.StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16)
    for chunk in chunks:
        stream.feed_data(chunk)
    stream.feed_eof()
    return [event async for event in read_events(stream)]


async def test_an_event_is_read_whole_wherever_the_stream_was_cut() -> None:
    text = (
        ': playground\n\nid: 7\nevent: message_create\ndata: {"text": "a: b 🎨"}\n\n: still here\n\n'.encode()
    )
    expected = [Event(7, "message_create", {"text": "a: b 🎨"})]
    for cut in range(len(text)):
        assert await events(text[:cut], text[cut:]) == expected


async def test_an_event_that_was_broken_off_is_none() -> None:
    assert await events(b"id: 7\nevent: message_create\ndata: {}\n") == []


def test_a_status_line_leaves_out_the_prompt_the_small_print_and_the_markdown() -> None:
    texts = [{"content": "a prompt"}, {"content": "**Done**\nin 2 s"}, {"content": "-# seed 7"}]
    assert status_line({"components": [{"components": texts}]}) == "Done in 2 s"


def test_a_text_that_stands_alone_is_the_status() -> None:
    assert status_line({"components": [{"content": "I cannot read this."}]}) == "I cannot read this."
    assert status_line({}) == ""

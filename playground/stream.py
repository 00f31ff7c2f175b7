"""Server-sent events (WHATWG HTML, Server-sent events)."""

from __future__ import annotations

import json

from aiohttp import ClientConnectionResetError, web

from playground.server import Server

KEEP_ALIVE = 15.0
"""Seconds of silence after which a comment shows that the stream lives."""


async def stream_events(
    request: web.Request, server: Server, user: str | None, since: int
) -> web.StreamResponse:
    """Send what happened after `since` and whatever happens until the reader goes or the server closes."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    events, seq = server.events, since
    try:
        await response.write(b": playground\n\n")
        while not server.closing:
            fresh = events.since(seq, user)
            seq = events.last
            for event in fresh:
                text = f"id: {event.seq}\nevent: {event.name}\ndata: {json.dumps(event.data)}\n\n"
                await response.write(text.encode())
            here = seq
            more = await events.signal.wait_for(lambda: server.closing or events.last > here, KEEP_ALIVE)  # noqa: B023 - awaited in this turn
            if not more:
                await response.write(b": still here\n\n")
    except ClientConnectionResetError:
        pass  # the reader went away
    return response

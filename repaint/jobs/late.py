"""After a long wait the asker is called to the picture by name, if that is wanted."""

from __future__ import annotations

import logging
import time

from repaint.errors import RepaintError
from repaint.jobs.tools import Tools
from repaint.models import Job, Shown

log = logging.getLogger(__name__)

LONG = 60.0  # seconds from the command to the finished picture


async def call_asker(tools: Tools, done: Job) -> None:
    """Only where others see the reply, too; once: it is written down before it is sent. Never raises.

    The job is over by now. Whatever fails here takes nothing away from it.
    """
    origin = done.origin
    wanted = done.mention and done.shown is Shown.REPLY and time.time() - done.created_at >= LONG
    if not wanted or origin.ephemeral or origin.guild_id is None:
        return
    try:
        if await tools.store.set_mentioned(done.id):
            await tools.presenter.mention(done)
    except RepaintError as error:
        log.warning("job %s: its asker is not called: %s", done.id, error)
    except Exception:
        log.exception("job %s: its asker is not called", done.id)

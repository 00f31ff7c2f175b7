"""What takes the place of whatever is not set up, and what the bot must know of it."""

from __future__ import annotations

from pathlib import Path

from scripts import hints
from scripts.processes import Processes

LOCAL = {"DISCORD_TOKEN": "playground", "SEGMIND_API_KEY": "local"}


def say_who_paints(api_url: str | None, *, real_api: bool) -> None:
    """On the terminal, before anything is started: it may cost something."""
    if real_api:
        print(hints.payer(api_url), flush=True)
    else:
        print("The image API is the embedded one: a preview engine, not Stable Diffusion.", flush=True)


async def start_embedded(processes: Processes, data: Path, *more: str) -> dict[str, str]:
    """Start the image API on this machine, which keeps all in `data`; the bot's settings for it."""
    key = {"SEGMIND_API_KEY": LOCAL["SEGMIND_API_KEY"]}
    options = ("--port", "0", "--data", str(data), "--log-level", "warning", *more)
    base = await processes.start_server("embedded", "embedded", *options, env=key)
    return key | dict.fromkeys(("SEGMIND_API_URL", "SEGMIND_UPLOAD_URL", "SEGMIND_HISTORY_URL"), base)


def bot_at(playground: str, data: Path) -> dict[str, str]:
    """The settings of a bot at the stand-in for Discord, which keeps all in `data`."""
    return {
        "DISCORD_TOKEN": LOCAL["DISCORD_TOKEN"],
        "DISCORD_API_URL": f"{playground}/api/v10",
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data / 'repaint.db'}",
        "LOG_LEVEL": "info",
    }

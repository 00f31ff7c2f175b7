"""The log: one line an event on standard error, without secrets."""

from __future__ import annotations

import logging
import re

# Interaction and webhook tokens stand in the addresses that discord.py logs.
_TOKEN_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?'\"]+")
_TOKEN_IN_EVENT = re.compile(r"(['\"]token['\"]: ?['\"])[^'\"]+")  # discord.py logs whole gateway events


class WithoutSecrets(logging.Formatter):
    """Formats a record and masks what grants access: tokens in addresses and the given secrets."""

    def __init__(self, *secrets: str) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        line = _TOKEN_IN_PATH.sub(r"\1…", super().format(record))
        line = _TOKEN_IN_EVENT.sub(r"\1…", line)
        for secret in self._secrets:
            line = line.replace(secret, "…")
        return line


def configure(level: str, *secrets: str) -> None:
    """Log from `level` (debug, info, warning, error) on; of libraries only warnings, unless debugging."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutSecrets(*secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in ("discord.gateway", "discord.http"):  # at debug they log whole events and messages
        logging.getLogger(library).setLevel(logging.INFO)
    if level != "debug":
        for library in ("discord", "aiohttp", "asyncio", "alembic", "filelock"):
            logging.getLogger(library).setLevel(logging.WARNING)

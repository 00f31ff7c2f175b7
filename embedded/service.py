"""The parts of a running server, and the key under which an aiohttp application holds them."""

from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

from embedded.clock import Clock
from embedded.errors import ApiError
from embedded.files import Files
from embedded.inputs import Inputs
from embedded.life import Lives
from embedded.limits import Credits, RequestsPerMinute
from embedded.script import Control
from embedded.state import State


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that a route may need."""

    key: str = field(repr=False)
    state: State
    clock: Clock
    control: Control
    files: Files
    inputs: Inputs
    lives: Lives
    rate: RequestsPerMinute
    credits: Credits
    polls: Counter[str] = field(default_factory=Counter)
    """Status reads per request, since the start."""
    result_reads: Counter[str] = field(default_factory=Counter)

    def remaining_credits(self) -> float | None:
        """Return the balance in USD, None if credits have no limit."""
        return self.credits.remaining(self.state.total("spent"))


def base_url(http: web.Request) -> str:
    """Return the server's own address as the client named it in Host. Raises ApiError 400."""
    try:
        return str(http.url.origin())
    except ValueError as error:
        raise ApiError(400, "Malformed request: bad Host header") from error


SERVICE = web.AppKey("service", Service)

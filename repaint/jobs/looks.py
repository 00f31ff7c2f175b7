"""Looks at requests, which tell the breaker too whether the image service is there."""

from __future__ import annotations

from repaint.errors import ServiceError
from repaint.jobs.breaker import Breaker
from repaint.models import Status
from repaint.segmind.client import SegmindClient


class Looks:
    """What the poller needs of the client."""

    def __init__(self, client: SegmindClient, breaker: Breaker) -> None:
        self._client = client
        self._breaker = breaker

    async def status(self, request_id: str) -> Status:
        try:
            status = await self._client.status(request_id)
        except ServiceError as error:
            self._breaker.read_failed(error)
            raise
        self._breaker.read_succeeded()
        return status

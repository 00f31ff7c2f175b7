"""The embedded API's errors.

ApiError         an answer that refuses a request: HTTP status and a sentence
PaintingFailed   a request that was accepted ends as FAILED, with this sentence as its `error`
"""

from collections.abc import Mapping


class ApiError(Exception):
    """Refuse the HTTP request with `{"error": message}`, as Segmind's API does (it has no symbolic codes)."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class PaintingFailed(Exception):
    """End an accepted request as FAILED. The message is the API's `error`."""

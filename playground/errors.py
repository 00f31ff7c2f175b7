"""What can be refused, and how Discord words it.

    Refused                 the root
    ├── DiscordError        answered to the bot: an HTTP status and Discord's JSON error body
    │   ├── FormError       50035 with a tree of field errors
    │   └── RateLimited     429
    └── PersonError         answered to a person's request: one sentence

Codes: Discord API docs, Opcodes and Status Codes › JSON error codes.
"""

from __future__ import annotations

from typing import Any

Path = tuple[str | int, ...]


class Refused(Exception):
    """A request that is not carried out."""


class PersonError(Refused):
    """What a person asked for is not possible.

    `status` is the HTTP status, `sentence` what the person is told.
    """

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class DiscordError(Refused):
    """An answer to the bot: HTTP `status` and the body ``{"code", "message", "errors"?}``."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class FormError(DiscordError):
    """50035: fields of the body are wrong; `errors` mirrors the body with ``_errors`` at its leaves."""

    def __init__(self, errors: dict[str, Any]) -> None:
        super().__init__(400, 50035, "Invalid Form Body", errors)


class RateLimited(DiscordError):
    """429. `headers` go with it; `retry_after` is in seconds."""

    def __init__(
        self,
        retry_after: float,
        headers: dict[str, str],
        *,
        is_global: bool = False,
        code: int = 0,
        message: str = "You are being rate limited.",
    ) -> None:
        super().__init__(429, code, message)
        self.retry_after = retry_after
        self.headers = headers
        self.is_global = is_global

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "message": self.message,
            "retry_after": round(self.retry_after, 3),
            "global": self.is_global,
        }
        if self.code:
            body["code"] = self.code
        return body


class Form:
    """Collects what is wrong with a body, field by field, and refuses it once with everything."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one error at `path`, e.g. ``("components", 0, "custom_id")``."""
        node = self._errors
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def refuse_if_wrong(self) -> None:
        if self._errors:
            raise FormError(self._errors)

    def text(self, path: Path, value: object, low: int, high: int, *, required: bool = True) -> str:
        """Check a string of `low` to `high` characters; answer it, or "" where it is not one."""
        if value is None or value == "":
            if required and low:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return ""
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
            return ""
        if not low <= len(value) <= high:
            if low:
                self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
            else:
                self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        return value

    def number(self, path: Path, value: object, low: int, high: int, default: int) -> int:
        """Check an integer of `low` to `high`; absent means `default`."""
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", "Value is not int.")
            return default
        if value < low:
            self.add(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
        elif value > high:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        return value

    def items(self, path: Path, value: object, low: int, high: int) -> list[Any]:
        """Check a list of `low` to `high` entries; answer it, or [] where it is not one."""
        if value is None:
            if low:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
            return []
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not low <= len(value) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return value

    def objects(self, path: Path, value: object, low: int, high: int) -> list[dict[str, Any]]:
        """Check a list of `low` to `high` JSON objects; what is not an object is left out."""
        listed = self.items(path, value, low, high)
        for number, entry in enumerate(listed):
            if not isinstance(entry, dict):
                self.add((*path, number), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return [entry for entry in listed if isinstance(entry, dict)]


def unauthorized() -> DiscordError:
    return DiscordError(401, 0, "401: Unauthorized")


def not_found() -> DiscordError:
    return DiscordError(404, 0, "404: Not Found")


def unknown(what: str) -> DiscordError:
    """404 with the code of that kind of thing."""
    codes = {
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "User": 10013,
        "Webhook": 10015,
        "Interaction": 10062,
        "application command": 10063,
        "Tag": 10087,
    }
    return DiscordError(404, codes[what], f"Unknown {what}")


def too_large() -> DiscordError:
    return DiscordError(413, 40005, "Request entity too large")


def missing_access() -> DiscordError:
    return DiscordError(403, 50001, "Missing Access")


def missing_permissions() -> DiscordError:
    return DiscordError(403, 50013, "Missing Permissions")


def invalid_webhook_token() -> DiscordError:
    return DiscordError(401, 50027, "Invalid Webhook Token")

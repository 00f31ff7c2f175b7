"""What the workshop can change, and how it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from playground.errors import PersonError
from playground.places import FORUM, GUILD_ID, TEXT, Channel, User

DEFAULT_SIZE_LIMIT = 10 * 1024 * 1024


@dataclass
class Settings:
    """The world's settings as they stand."""

    attachment_size_limit: int = DEFAULT_SIZE_LIMIT
    app_permissions: dict[str, int] = field(default_factory=dict)
    moderators: frozenset[tuple[str, str]] = frozenset()
    """Channels and the members who besides have Manage Messages there."""
    rate_limits: bool = True
    heartbeat_interval: int = 41_250
    dms_closed: set[str] = field(default_factory=set)
    team: tuple[str, ...] = ()
    """Whose team owns the application, its owner first; empty: it is the owner's own."""
    locale: str = "en-US"
    """The servers' preferred language."""
    nsfw: dict[str, bool] = field(default_factory=dict)
    """Channels whose age restriction was changed."""
    no_external_apps: frozenset[str] = frozenset()
    """Channels where members lack Use External Apps."""
    require_tag: bool = False
    """Whether posts in the forum need a tag."""

    def json(self) -> dict[str, Any]:
        return {
            "attachment_size_limit": self.attachment_size_limit,
            "app_permissions": self.app_permissions,
            "rate_limits": self.rate_limits,
            "heartbeat_interval": self.heartbeat_interval,
            "dms_closed": sorted(self.dms_closed),
            "team": list(self.team),
            "moderators": [list(each) for each in sorted(self.moderators)],
            "locale": self.locale,
            "nsfw": self.nsfw,
            "no_external_apps": sorted(self.no_external_apps),
            "require_tag": self.require_tag,
        }


class Reader:
    """Reads a request's changes; `user` and `channel` find what it names."""

    def __init__(self, user: Callable[[object], User], channel: Callable[[object], Channel]) -> None:
        self._user = user
        self._channel = channel

    def changed(self, settings: Settings, body: dict[str, Any]) -> Settings:
        """The settings with the changes of `body`; PersonError if one of them makes no sense."""
        out = replace(settings)
        if "attachment_size_limit" in body:
            out.attachment_size_limit = _positive(body["attachment_size_limit"])
        if body.get("app_permissions") is not None:
            out.app_permissions = self._permissions(settings, body["app_permissions"])
        for name in ("rate_limits", "require_tag"):
            if name in body:
                setattr(out, name, _boolean(name, body[name]))
        if "heartbeat_interval" in body:
            out.heartbeat_interval = _positive(body["heartbeat_interval"])
        if "dms_closed" in body:
            out.dms_closed = set(self._users(body, "dms_closed"))
        if "team" in body:
            out.team = tuple(dict.fromkeys(self._users(body, "team")))
        if "moderators" in body:
            out.moderators = self._moderators(body["moderators"])
        if "locale" in body:
            out.locale = _locale(body["locale"])
        if body.get("nsfw") is not None:
            out.nsfw = self._nsfw(settings, body["nsfw"])
        if "no_external_apps" in body:
            out.no_external_apps = self._no_external_apps(body["no_external_apps"])
        return out

    def _users(self, body: dict[str, Any], name: str) -> list[str]:
        """The ids of a list of users."""
        if not isinstance(body[name], list):
            raise PersonError(f"{name} is a list of users.")
        return [self._user(user).id for user in body[name]]

    def _top(self, reference: object, name: str) -> Channel:
        """A server's text or forum channel, which alone has settings of its own: threads share them."""
        channel = self._channel(reference)
        if channel.type not in (TEXT, FORUM):
            raise PersonError(f"{name} is for text and forum channels.")
        return channel

    def _moderators(self, given: object) -> frozenset[tuple[str, str]]:
        """All of them: channels that are not named have none."""
        if not isinstance(given, dict):
            raise PersonError("moderators is an object of channels and lists of users.")
        channels = [self._channel(reference) for reference in given]
        if not all(c.type in (TEXT, FORUM) and c.guild == GUILD_ID for c in channels):
            raise PersonError("moderators are for the text and forum channels of the bot's server.")
        return frozenset(
            (channel.id, user)
            for channel, name in zip(channels, given, strict=True)
            for user in self._users(given, name)
        )

    def _permissions(self, settings: Settings, given: object) -> dict[str, int]:
        """The permissions by channel as they are with these changes."""
        permissions = dict(settings.app_permissions)
        if not isinstance(given, dict):
            raise PersonError("app_permissions is an object of channels and permission bits.")
        for reference, bits in given.items():
            channel = self._channel(reference).id
            permissions.pop(channel, None)
            if bits is not None:
                permissions[channel] = _bits(bits)
        return permissions

    def _nsfw(self, settings: Settings, given: object) -> dict[str, bool]:
        """The changed age restrictions as they are with these changes."""
        changed = dict(settings.nsfw)
        if not isinstance(given, dict):
            raise PersonError("nsfw is an object of channels and true, false or null.")
        for reference, value in given.items():
            channel = self._top(reference, "nsfw").id
            changed.pop(channel, None)
            if value is not None:
                changed[channel] = _boolean("nsfw", value)
        return changed

    def _no_external_apps(self, given: object) -> frozenset[str]:
        """All of them: in channels that are not named, members have the permission."""
        if not isinstance(given, list):
            raise PersonError("no_external_apps is a list of channels.")
        return frozenset(self._top(reference, "no_external_apps").id for reference in given)


def _boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise PersonError(f"{name} is true or false.")
    return value


def _locale(value: object) -> str:
    if not isinstance(value, str) or not 2 <= len(value) <= 10:
        raise PersonError("locale is a language of Discord's, such as de or es-419.")
    return value


def _positive(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise PersonError(f"{value!r} is not a positive whole number below 2,147,483,648.")
    return value


def _bits(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise PersonError(f"{value!r} is not a set of permission bits.")
    return value

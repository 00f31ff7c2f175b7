"""The pictures that a message holds, from its raw JSON. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from repaint.models import Attachment

MOST = 10  # pictures; a message has no more files, and a gallery takes no more
URL_LENGTH = 2048
NAME_LENGTH = 200
DISCORD = "https://discord.com/"
IS_SPOILER = 1 << 3  # of an attachment's flags
FORWARD = 1  # the type of a message's reference
READABLE = frozenset(
    {"png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "avif", "heic", "heif", "bmp", "dib"}
)
NO_TYPE = ("", "application/octet-stream", "binary/octet-stream")
STICKER_PNG, STICKER_APNG, STICKER_GIF = 1, 2, 4  # Lottie (3) is no picture
MOVING = ("video", "gifv")  # embeds
# As pictures are posted, compared, and shown in a history.
_FILE_OF_JOB = re.compile(r"(?:SPOILER_)?(?:repaint-|compare-)?([0-9a-f]{10})(?:-\d+)?\.\w+")
_EXTENSION = re.compile(r"\.(\w{1,5})$")


@dataclass(frozen=True, slots=True)
class Found:
    """A picture of a message. `size` in bytes, 0 where it is not told; width and height in pixels."""

    url: str
    filename: str
    size: int = 0
    width: int | None = None
    height: int | None = None
    spoiler: bool = False

    @property
    def attachment(self) -> Attachment:
        return Attachment(self.url, self.filename, self.size)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where stickers are: messages name them by their ids alone."""

    cdn: str = "https://cdn.discordapp.com"
    media: str = "https://media.discordapp.net"

    @classmethod
    def of(cls, api_url: str) -> Hosts:
        """Discord's own, or those of the server that stands in for it."""
        if api_url.startswith(DISCORD):
            return cls()
        parts = urlsplit(api_url)
        base = f"{parts.scheme}://{parts.netloc}/cdn"
        return cls(base, base)


def pictures(message: object, hosts: Hosts | None = None) -> list[Found]:
    """Those that can be repainted, in the order in which they are shown, each once, at most ten.

    Videos are none. A picture that an embed names is taken from Discord's proxy, never from its own address.
    Nothing that stands in the message makes this raise.
    """
    hosts = hosts or Hosts()
    found: dict[str, Found] = {}
    for part in (message, *_snapshots(message)):
        for picture in _all_of(_mapping(part), hosts):
            found.setdefault(_key(picture.url), picture)
    return list(found.values())[:MOST]


def is_forward(message: object) -> bool:
    """Whether the pictures come from another message, whose author this one does not tell."""
    reference = _mapping(_mapping(message).get("message_reference"))
    return reference.get("type") == FORWARD and any(_snapshots(message))


def job_of(filename: str) -> str | None:
    """The id of the job that made a picture, by the name that its file was posted under."""
    made = _FILE_OF_JOB.fullmatch(filename)
    return made[1] if made else None


def _snapshots(message: object) -> Iterator[object]:
    for each in _list(_mapping(message).get("message_snapshots")):
        yield _mapping(each).get("message")


def _all_of(message: Mapping[str, Any], hosts: Hosts) -> Iterator[Found]:
    for each in _list(message.get("attachments")):
        yield from _attachment(_mapping(each))
    yield from _components(message.get("components"))
    for each in _list(message.get("embeds")):
        yield from _embed(_mapping(each))
    for each in _list(message.get("sticker_items")):
        yield from _sticker(_mapping(each), hosts)


def _attachment(given: Mapping[str, Any]) -> Iterator[Found]:
    name = _text(given.get("filename"))
    if _may_be_picture(_text(given.get("content_type")), name, unsure=False):
        flags = _whole(given.get("flags"))
        spoiler = bool(flags & IS_SPOILER) or name.startswith("SPOILER_")
        yield from _made(given.get("url"), given, name=name, size=given.get("size"), spoiler=spoiler)


def _components(given: object) -> Iterator[Found]:
    """Galleries, thumbnails and files at any depth; without recursion, for it may be as deep as it likes."""
    waiting = [(each, False) for each in _list(given)[::-1]]
    while waiting:
        component, covered = waiting.pop()
        part = _mapping(component)
        covered = covered or part.get("spoiler") is True
        for item in _list(part.get("items")):
            own = _mapping(item)
            yield from _media(own.get("media"), covered or own.get("spoiler") is True)
        yield from _media(part.get("media"), covered)
        yield from _media(
            part.get("file"), covered, name=_text(part.get("name")), size=part.get("size"), unsure=False
        )
        inner = [*_list(part.get("components")), part.get("accessory")]
        waiting += [(each, covered) for each in inner[::-1] if isinstance(each, dict)]


def _media(
    given: object, spoiler: bool, *, name: str = "", size: object = 0, unsure: bool = True
) -> Iterator[Found]:
    """A V2 component's media: Discord's own file, or what its proxy has of another one."""
    media = _mapping(given)
    url = media.get("url") if media.get("attachment_id") else media.get("proxy_url")
    name = name or _name(_text(url))
    if _may_be_picture(_text(media.get("content_type")), name, unsure=unsure):
        spoiler = spoiler or name.startswith("SPOILER_")
        yield from _made(url, media, name=name, size=size, spoiler=spoiler)


def _embed(given: Mapping[str, Any]) -> Iterator[Found]:
    if given.get("type") in MOVING:
        return
    for part in ("image", "thumbnail"):
        media = _mapping(given.get(part))
        url = media.get("proxy_url")
        if not _text(media.get("content_type")).startswith("video/"):
            yield from _made(url, media, name=_name(_text(url)))


def _sticker(given: Mapping[str, Any], hosts: Hosts) -> Iterator[Found]:
    number, kind = _text(given.get("id")), given.get("format_type")
    if not re.fullmatch(r"[0-9]{1,20}", number):
        return
    if kind in (STICKER_PNG, STICKER_APNG):
        yield Found(f"{hosts.cdn}/stickers/{number}.png", f"{number}.png")
    elif kind == STICKER_GIF:
        yield Found(f"{hosts.media}/stickers/{number}.gif", f"{number}.gif")


def _made(
    url: object, measures: Mapping[str, Any], *, name: str, size: object = 0, spoiler: bool = False
) -> Iterator[Found]:
    """The picture, if its address is one."""
    address = _text(url)
    if len(address) <= URL_LENGTH and address.startswith(("https://", "http://")) and address.isprintable():
        yield Found(
            address,
            _short(name) or "picture",
            _whole(size),
            _whole(measures.get("width")) or None,
            _whole(measures.get("height")) or None,
            spoiler,
        )


def _may_be_picture(kind: str, name: str, *, unsure: bool) -> bool:
    """By its declared type, else by its name; `unsure`: whether a name without an ending is good enough."""
    kind = kind.partition(";")[0].strip().casefold()
    if kind not in NO_TYPE:
        return kind.startswith("image/") and not kind.startswith("image/svg")
    ending = _EXTENSION.search(name)
    return ending[1].casefold() in READABLE if ending else unsure


def _name(url: str) -> str:
    """The last part of an address's path as a file's name; empty where there is none."""
    return unquote(_path(url).rpartition("/")[2])


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _key(url: str) -> str:
    """The same for the same file, which is at two of Discord's hosts, and signed anew each time."""
    own = re.search(r"/(?:ephemeral-)?attachments/\d+/\d+/[^/]+$", _path(url))
    return own[0] if own else url


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _short(name: str) -> str:
    """A name that can be kept and shown, with its ending."""
    return "".join(each for each in name[-NAME_LENGTH:] if each.isprintable())


def _whole(value: object) -> int:
    """A number from 0 to 2⁵³; 0 where it is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 <= value <= 2**53 else 0


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

"""Component trees: the types, ways to walk them, and how they come back with fresh addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.files import FileStore

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23

SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
Component = dict[str, Any]


def walk(components: object) -> Iterator[Component]:
    """Every component of a tree, outer ones first."""
    for component in components if isinstance(components, list) else []:
        if isinstance(component, dict):
            yield component
            yield from walk(component.get("components"))
            yield from walk([component.get(name) for name in ("accessory", "component")])


def texts(components: list[Component]) -> str:
    """All displayed text, a line each."""
    return "\n".join(c["content"] for c in walk(components) if c["type"] == TEXT_DISPLAY)


def find(components: list[Component], custom_id: str) -> Component | None:
    return next((c for c in walk(components) if c.get("custom_id") == custom_id), None)


def rendered(components: list[Component], files: FileStore) -> list[Component]:
    """The components as Discord answers them: media with fresh addresses, sizes and attachment ids."""
    out = []
    for component in components:
        copy = dict(component)
        if "components" in copy:
            copy["components"] = rendered(copy["components"], files)
        if copy.get("accessory"):
            copy["accessory"] = rendered([copy["accessory"]], files)[0]
        if "items" in copy:
            copy["items"] = [
                item | {"media": _rendered_media(item["media"], files)} for item in copy["items"]
            ]
        if "media" in copy:
            copy["media"] = _rendered_media(copy["media"], files)
        if "file" in copy:
            attachment = files.get(copy["file"]["attachment_id"])
            copy["file"] = _rendered_media(copy["file"], files)
            copy["name"] = attachment.filename if attachment else None
            copy["size"] = attachment.size if attachment else None
        out.append(copy)
    return out


def _rendered_media(media: Component, files: FileStore) -> Component:
    attachment = files.get(media["attachment_id"])
    if attachment is None:
        return {"id": "0", "url": media["url"], "proxy_url": media["url"], "loading_state": 1, "flags": 0}
    url = files.url(attachment)
    return {
        "id": attachment.id,
        "attachment_id": attachment.id,
        "url": url,
        "proxy_url": url,
        "width": attachment.width,
        "height": attachment.height,
        "content_type": attachment.content_type,
        "loading_state": 2,
        "flags": 0,
    }

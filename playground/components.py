"""A message's components: what Discord accepts, the ids it adds, and how they come back.

Limits: Discord API docs, Component Reference, and Discord's OpenAPI document (``…ForMessageRequest``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playground.errors import Form, Path
from playground.files import Attachment
from playground.layouts import (
    ACTION_ROW,
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    SECTION,
    SELECTS,
    SEPARATOR,
    STRING_SELECT,
    TEXT_DISPLAY,
    THUMBNAIL,
    Component,
    walk,
)

IN_CONTAINER = (ACTION_ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR)
LINK_BUTTON, PREMIUM_BUTTON = 5, 6

MAX_COMPONENTS = 40
MAX_TEXT = 4_000

Resolver = Callable[[str], Attachment | None]
"""From a media address (``attachment://name`` or one of our own) to a file of the message."""


class Checker:
    """Walks a list of components, notes what is wrong in `form`, and answers them with ids and defaults."""

    def __init__(self, form: Form, resolve: Resolver | None = None) -> None:
        self.form = form
        self._resolve = resolve
        self._custom_ids: set[str] = set()
        self._taken: set[int] = set()
        self._next = 0
        self.count = 0
        self.text = 0

    def reserve(self, given: object) -> None:
        """Note the ids that the sender chose, so that no other component is given one of them."""
        for component in walk(given):
            number = component.get("id")
            if isinstance(number, int) and number:
                if number in self._taken:
                    self.form.add(
                        ("components",), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated"
                    )
                self._taken.add(number)

    def base(self, component: Component) -> Component:
        self.count += 1
        number = component.get("id")
        if not number:
            self._next += 1
            while self._next in self._taken:
                self._next += 1
            number = self._next
            self._taken.add(number)
        return {"type": component["type"], "id": number}

    def custom_id(self, path: Path, component: Component) -> str:
        custom_id = self.form.text((*path, "custom_id"), component.get("custom_id"), 1, 100)
        if custom_id and custom_id in self._custom_ids:
            self.form.add(
                (*path, "custom_id"),
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        self._custom_ids.add(custom_id)
        return custom_id

    def each(self, path: Path, given: list[Any], allowed: tuple[int, ...]) -> list[Component]:
        """Check each of a list whose types must be among `allowed`."""
        checks = {
            ACTION_ROW: self.action_row,
            SECTION: self.section,
            TEXT_DISPLAY: self.text_display,
            THUMBNAIL: self.thumbnail,
            GALLERY: self.gallery,
            FILE: self.file,
            SEPARATOR: self.separator,
            CONTAINER: self.container,
            BUTTON: self.button,
        } | dict.fromkeys(SELECTS, self.select)
        out = []
        for number, component in enumerate(given):
            at = (*path, number)
            kind = component.get("type") if isinstance(component, dict) else None
            if kind not in allowed:
                names = "(" + ", ".join(map(str, allowed)) + ")"
                self.form.add(
                    (*at, "type"), "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {names}.'
                )
                continue
            out.append(checks[kind](at, component))
        return out

    def action_row(self, path: Path, component: Component) -> Component:
        out = self.base(component)
        given = self.form.items((*path, "components"), component.get("components"), 1, 5)
        out["components"] = self.each((*path, "components"), given, (BUTTON, *SELECTS))
        if any(c["type"] in SELECTS for c in out["components"]) and len(out["components"]) > 1:
            self.form.add(
                (*path, "components"),
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                "The specified component exceeds the maximum width",
            )
        return out

    def button(self, path: Path, component: Component) -> Component:
        form, style = self.form, component.get("style")
        out = self.base(component) | {"style": style}
        if style not in range(1, 7) or isinstance(style, bool):
            form.add((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
        if style == LINK_BUTTON:
            url = out["url"] = form.text((*path, "url"), component.get("url"), 1, 512)
            if url and not re.match(r"(https?|discord)://", url):
                form.add(
                    (*path, "url"),
                    "URL_TYPE_INVALID_SCHEME",
                    "Scheme must be one of ('http', 'https', 'discord').",
                )
            if component.get("custom_id"):
                form.add(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A link has no custom id")
        elif style != PREMIUM_BUTTON:
            out["custom_id"] = self.custom_id(path, component)
        label = form.text((*path, "label"), component.get("label"), 0, 80, required=False)
        if not label and not component.get("emoji") and style != PREMIUM_BUTTON:
            form.add(path, "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL", "A button needs an emoji or a label")
        if label:
            out["label"] = label
        if component.get("emoji"):
            out["emoji"] = component["emoji"]
        if component.get("sku_id"):
            out["sku_id"] = str(component["sku_id"])
        out["disabled"] = bool(component.get("disabled"))
        return out

    def select(self, path: Path, component: Component) -> Component:
        """A select menu of any kind, in a message or in a modal's label."""
        form = self.form
        out = self.base(component) | {"custom_id": self.custom_id(path, component)}
        placeholder = form.text((*path, "placeholder"), component.get("placeholder"), 0, 150, required=False)
        if placeholder:
            out["placeholder"] = placeholder
        out["min_values"] = form.number((*path, "min_values"), component.get("min_values"), 0, 25, 1)
        out["max_values"] = form.number((*path, "max_values"), component.get("max_values"), 1, 25, 1)
        if out["min_values"] > out["max_values"]:
            form.add((*path, "min_values"), "NUMBER_TYPE_MAX", "min_values is more than max_values")
        out["disabled"] = bool(component.get("disabled"))
        if "required" in component:
            out["required"] = component["required"] is not False
        if component["type"] == STRING_SELECT:
            out["options"] = self.options(path, component, 1, 25)
            if out["max_values"] > len(out["options"]):
                form.add(
                    (*path, "options"), "BASE_TYPE_BAD_LENGTH", "There are fewer options than max_values"
                )
        else:
            for name in ("default_values", "channel_types"):
                if component.get(name):
                    out[name] = form.items((*path, name), component[name], 0, 25)
        return out

    def options(self, path: Path, component: Component, low: int, high: int) -> list[Component]:
        """The options of a string select, a radio group or a group of checkboxes."""
        form, path, out = self.form, (*path, "options"), []
        values: set[str] = set()
        for number, option in enumerate(form.objects(path, component.get("options"), low, high)):
            at = (*path, number)
            entry = {
                "label": form.text((*at, "label"), option.get("label"), 1, 100),
                "value": form.text((*at, "value"), option.get("value"), 1, 100),
            }
            if entry["value"] in values:
                form.add((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Value is already used")
            values.add(entry["value"])
            description = form.text((*at, "description"), option.get("description"), 0, 100, required=False)
            if description:
                entry["description"] = description
            if option.get("emoji"):
                entry["emoji"] = option["emoji"]
            out.append(entry | {"default": bool(option.get("default"))})
        return out

    def text_display(self, path: Path, component: Component) -> Component:
        content = self.form.text((*path, "content"), component.get("content"), 1, MAX_TEXT)
        self.text += len(content)
        return self.base(component) | {"content": content}

    def section(self, path: Path, component: Component) -> Component:
        out = self.base(component)
        given = self.form.items((*path, "components"), component.get("components"), 1, 3)
        out["components"] = self.each((*path, "components"), given, (TEXT_DISPLAY,))
        accessory = self.each((*path, "accessory"), [component.get("accessory")], (BUTTON, THUMBNAIL))
        out["accessory"] = accessory[0] if accessory else {}
        return out

    def thumbnail(self, path: Path, component: Component) -> Component:
        return self.base(component) | self._media_item(path, component)

    def gallery(self, path: Path, component: Component) -> Component:
        out, at = self.base(component), (*path, "items")
        given = self.form.objects(at, component.get("items"), 1, 10)
        out["items"] = [self._media_item((*at, number), item) for number, item in enumerate(given)]
        return out

    def file(self, path: Path, component: Component) -> Component:
        media = self._media((*path, "file"), component.get("file"), only_attachments=True)
        return self.base(component) | {"file": media, "spoiler": bool(component.get("spoiler"))}

    def separator(self, path: Path, component: Component) -> Component:
        spacing = self.form.number((*path, "spacing"), component.get("spacing"), 1, 2, 1)
        return self.base(component) | {"spacing": spacing, "divider": component.get("divider") is not False}

    def container(self, path: Path, component: Component) -> Component:
        out = self.base(component)
        color = component.get("accent_color")
        if color is not None:
            color = self.form.number((*path, "accent_color"), color, 0, 0xFFFFFF, 0)
        given = self.form.items((*path, "components"), component.get("components"), 1, MAX_COMPONENTS)
        out["components"] = self.each((*path, "components"), given, IN_CONTAINER)
        return out | {"accent_color": color, "spoiler": bool(component.get("spoiler"))}

    def _media_item(self, path: Path, item: Component) -> Component:
        description = self.form.text((*path, "description"), item.get("description"), 0, 1024, required=False)
        return {
            "media": self._media((*path, "media"), item.get("media")),
            "description": description or None,
            "spoiler": bool(item.get("spoiler")),
        }

    def _media(self, path: Path, media: object, *, only_attachments: bool = False) -> Component:
        given = media.get("url") if isinstance(media, dict) else None
        url = self.form.text((*path, "url"), given, 1, 2048)
        attachment = self._resolve(url) if self._resolve and url else None
        if url.startswith("attachment://") and attachment is None:
            self.form.add(
                (*path, "url"),
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                f"The referenced attachment {url.removeprefix('attachment://')!r} was not found",
            )
        elif url and attachment is None and (only_attachments or not re.match(r"https?://", url)):
            self.form.add((*path, "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('attachment',).")
        return {"url": url, "attachment_id": attachment.id if attachment else None}


def check_message(form: Form, given: object, *, v2: bool, resolve: Resolver) -> list[Component]:
    """Check a message's components and answer them as they are kept; errors go to `form`."""
    checker = Checker(form, resolve)
    checker.reserve(given)
    if v2:
        listed = form.items(("components",), given, 0, MAX_COMPONENTS)
        out = checker.each(("components",), listed, (*IN_CONTAINER, CONTAINER))
        if checker.count > MAX_COMPONENTS:
            form.add(
                ("components",),
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                f"The maximum number of total components is {MAX_COMPONENTS}",
            )
        if checker.text > MAX_TEXT:
            form.add(
                ("components",),
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                f"Components displayable text size exceeds maximum size of {MAX_TEXT}",
            )
        return out
    return checker.each(("components",), form.items(("components",), given, 0, 5), (ACTION_ROW,))

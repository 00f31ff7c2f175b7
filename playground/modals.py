"""Modals: what the bot may show (checked), and what a person fills in (checked and written as Discord does).

Limits: Discord API docs, Component Reference, and the OpenAPI document's ``…ForModalRequest``.
"""

from __future__ import annotations

from typing import Any

from playground.components import Checker
from playground.errors import Form, Path, PersonError
from playground.layouts import (
    ACTION_ROW,
    CHANNEL_SELECT,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LABEL,
    MENTIONABLE_SELECT,
    RADIO_GROUP,
    ROLE_SELECT,
    SELECTS,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    USER_SELECT,
    Component,
    walk,
)
from playground.options import Resolver

MAX_ROWS = 5


def check_modal(given: object) -> Component:
    """The modal of a type 9 callback; raises FormError with everything that is wrong."""
    form = Form()
    data = given if isinstance(given, dict) else {}
    checker = Checker(form)
    checker.reserve(data.get("components"))
    out: Component = {
        "custom_id": form.text(("data", "custom_id"), data.get("custom_id"), 1, 100),
        "title": form.text(("data", "title"), data.get("title"), 1, 45),
    }
    path: Path = ("data", "components")
    rows = []
    for number, row in enumerate(form.objects(path, data.get("components"), 1, MAX_ROWS)):
        rows.append(_row(checker, (*path, number), row))
    form.refuse_if_wrong()
    return out | {"components": rows}


def _row(checker: Checker, path: Path, row: Component) -> Component:
    form, kind = checker.form, row.get("type")
    if kind == TEXT_DISPLAY:
        return checker.text_display(path, row)
    if kind == ACTION_ROW:
        out = checker.base(row)
        inner = form.objects((*path, "components"), row.get("components"), 1, 1)
        out["components"] = [
            _field(checker, (*path, "components", n), c, (TEXT_INPUT,), labelled=False)
            for n, c in enumerate(inner)
        ]
        return out
    if kind != LABEL:
        form.add((*path, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).')
        return row
    out = checker.base(row)
    out["label"] = form.text((*path, "label"), row.get("label"), 1, 45)
    description = form.text((*path, "description"), row.get("description"), 0, 100, required=False)
    if description:
        out["description"] = description
    field = row.get("component")
    allowed = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
    out["component"] = _field(
        checker, (*path, "component"), field if isinstance(field, dict) else {}, allowed, labelled=True
    )
    return out


def _field(
    checker: Checker, path: Path, field: Component, allowed: tuple[int, ...], *, labelled: bool
) -> Component:
    form, kind = checker.form, field.get("type")
    if kind not in allowed:
        form.add((*path, "type"), "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {allowed}.')
        return field
    if kind in SELECTS:
        out = checker.select(path, field)
        if out["disabled"]:
            form.add(
                (*path, "disabled"), "COMPONENT_DISABLED_IN_MODAL", "A modal's select cannot be disabled"
            )
        return out | {"required": field.get("required") is not False}
    out = checker.base(field) | {"custom_id": checker.custom_id(path, field)}
    if kind == CHECKBOX:
        return out | {"default": bool(field.get("default"))}
    out["required"] = field.get("required") is not False
    if kind == TEXT_INPUT:
        return out | _text_input(form, path, field, labelled=labelled)
    if kind == RADIO_GROUP:
        return out | {"options": checker.options(path, field, 2, 10)}
    if kind == CHECKBOX_GROUP:
        out["options"] = checker.options(path, field, 1, 10)
    low = 1 if out["required"] else 0
    default = len(out["options"]) if kind == CHECKBOX_GROUP else 1
    out["min_values"] = form.number((*path, "min_values"), field.get("min_values"), 0, 10, low)
    out["max_values"] = form.number((*path, "max_values"), field.get("max_values"), 1, 10, default)
    if out["min_values"] > out["max_values"]:
        form.add((*path, "min_values"), "NUMBER_TYPE_MAX", "min_values is more than max_values")
    return out


def _text_input(form: Form, path: Path, field: Component, *, labelled: bool) -> Component:
    low = form.number((*path, "min_length"), field.get("min_length"), 0, 4000, 0)
    high = form.number((*path, "max_length"), field.get("max_length"), 1, 4000, 4000)
    out: Component = {
        "style": form.number((*path, "style"), field.get("style"), 1, 2, 1),
        "min_length": low,
        "max_length": high,
        "value": form.text((*path, "value"), field.get("value"), 0, high, required=False),
        "placeholder": form.text((*path, "placeholder"), field.get("placeholder"), 0, 100, required=False),
    }
    if labelled and field.get("label"):
        form.add((*path, "label"), "COMPONENT_LABEL_NOT_ALLOWED", "The label is the Label's")
    if not labelled:
        out["label"] = form.text((*path, "label"), field.get("label"), 1, 45)
    return out


def fill_in(modal: Component, given: dict[str, Any], resolver: Resolver) -> list[Component]:
    """The ``components`` of a modal's submission, from ``{custom_id: value}``.

    A field that is left out keeps its default. Raises PersonError for what Discord's client refuses.
    """
    known = {c["custom_id"] for c in walk(modal["components"]) if "custom_id" in c}
    strange = set(given) - known
    if strange:
        raise PersonError(f"The modal has no field {sorted(strange)[0]!r}.")
    out = []
    for row in modal["components"]:
        if row["type"] == TEXT_DISPLAY:
            out.append({"type": TEXT_DISPLAY, "id": row["id"]})
        elif row["type"] == ACTION_ROW:
            inner = [_answer(field, given, resolver) for field in row["components"]]
            out.append({"type": ACTION_ROW, "id": row["id"], "components": inner})
        else:
            answer = _answer(row["component"], given, resolver)
            out.append({"type": LABEL, "id": row["id"], "component": answer})
    return out


def _answer(field: Component, given: dict[str, Any], resolver: Resolver) -> Component:
    kind, name = field["type"], field["custom_id"]
    out = {"type": kind, "id": field["id"], "custom_id": name}
    if kind == TEXT_INPUT:
        return out | {"value": _text(field, given.get(name, field["value"]))}
    if kind == CHECKBOX:
        value = given.get(name, field["default"])
        if not isinstance(value, bool):
            raise PersonError(f"{name!r} is true or false.")
        return out | {"value": value}
    if kind == RADIO_GROUP:
        chosen = _chosen(field, given.get(name), 1 if field["required"] else 0, 1)
        return out | {"value": chosen[0] if chosen else None}
    values = _chosen(field, given.get(name), field["min_values"], field["max_values"])
    find = {
        FILE_UPLOAD: resolver.attachment,
        USER_SELECT: resolver.user,
        ROLE_SELECT: resolver.role,
        MENTIONABLE_SELECT: resolver.mentionable,
        CHANNEL_SELECT: resolver.channel,
    }.get(kind)
    return out | {"values": [find(value) for value in values] if find else values}


def _text(field: Component, value: object) -> str:
    name = field["custom_id"]
    if not isinstance(value, str):
        raise PersonError(f"{name!r} is text.")
    if field["required"] and not value:
        raise PersonError(f"{name!r} is required.")
    if value and not field["min_length"] <= len(value) <= field["max_length"]:
        raise PersonError(
            f"{name!r} must have between {field['min_length']} and {field['max_length']} characters."
        )
    return value


def _chosen(field: Component, value: object, low: int, high: int) -> list[Any]:
    """The chosen values of a select, an upload or a group; none given means the defaults."""
    name = field["custom_id"]
    if value is None:
        values: list[Any] = [option["value"] for option in field.get("options", []) if option["default"]]
    else:
        values = value if isinstance(value, list) else [value]
    check_count(name, values, low, high, required=field.get("required", True))
    if field["type"] in (STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP):
        check_among(field, values)
    return values


def check_count(name: str, values: list[Any], low: int, high: int, *, required: bool) -> None:
    """Refuse too few or too many; nothing at all is fine where nothing is required."""
    if not values and not required:
        return
    if not low <= len(values) <= high or (required and not values):
        raise PersonError(f"Choose between {max(low, 1)} and {high} for {name!r}.")


def check_among(field: Component, values: list[Any]) -> None:
    known = [option["value"] for option in field["options"]]
    if any(value not in known for value in values) or len(set(map(str, values))) != len(values):
        raise PersonError(f"{field['custom_id']!r} has no such option, or it was chosen twice.")

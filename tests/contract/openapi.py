"""Discord's own OpenAPI document as a judge of requests.

The document does not model four things that Discord documents elsewhere: a multipart body carries its JSON
in a part named payload_json; `attachments[].id` may be the number of an uploaded file; an id may be sent as a
number (API reference, ID serialization), which discord.py does with `recipient_id`; and it allows any key
beside those it names. So the first is taken apart before, the next two are written as text, and the last is
checked here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

VARIABLE = "DISCORD_OPENAPI"
BASE = "/api/v10"
URI = "urn:discord"
MULTIPART = "multipart/form-data"
UNIONS = ("anyOf", "oneOf")

ALSO_KNOWN = {
    "nsfw",  # of a command (Discord API docs, Application Command Object): discord.py always sends it
    "tts",  # of a message: discord.py sends it with edits too, where Discord lets it be
}
"""Keys that Discord takes though its document leaves them out."""


def document_path() -> Path | None:
    """Where the environment says that the document is; None where it says nothing."""
    value = os.environ.get(VARIABLE)
    return Path(value) if value else None


class Document:
    """What Discord publishes about its REST API."""

    def __init__(self, path: Path) -> None:
        """Raises OSError or ValueError if it cannot be read, KeyError if it describes no paths."""
        contents = json.loads(path.read_text("utf-8"))
        self._paths: dict[str, Any] = contents["paths"]
        self._registry: Registry[Any] = Registry().with_resource(URI, DRAFT202012.create_resource(contents))
        # Literal segments before templates: `@original` is a route of its own.
        self._routes = [
            (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))), template)
            for template in sorted(self._paths, key=lambda each: (each.count("{"), each))
        ]

    def route(self, path: str) -> str | None:
        """The template of a path below the API's base, e.g. ``/gateway/bot``."""
        return next((template for regex, template in self._routes if regex.fullmatch(path)), None)

    def complaints(self, request: dict[str, Any]) -> list[str]:
        """What is wrong with a request as the playground's traffic tells it; nothing if it is right."""
        path = str(request["path"]).removeprefix(BASE)
        what = f"{request['method']} {path}"
        template = self.route(path)
        operation = self._paths[template].get(str(request["method"]).lower()) if template else None
        if template is None or operation is None:
            return [f"{what}: no such route"]
        found = [*self._in_query(request, template, operation), *self._in_body(request, template, operation)]
        return [f"{what}: {each}" for each in found]

    def _in_query(self, request: dict[str, Any], template: str, operation: Any) -> Iterator[str]:
        listed = [*self._paths[template].get("parameters", []), *operation.get("parameters", [])]
        known = {each["name"]: each["schema"] for each in listed if each["in"] == "query"}
        for name, text in request["query"].items():
            if name not in known:
                yield f"unknown query parameter {name}"
            elif known[name].get("type") == "boolean" and text not in ("0", "1", "true", "false"):
                yield f"query parameter {name} is {text!r}"

    def _in_body(self, request: dict[str, Any], template: str, operation: Any) -> Iterator[str]:
        body, sent = request["json"], request["content_type"]
        wanted = operation.get("requestBody")
        if wanted is None:
            if body is not None:
                yield "a body where none is taken"
            return
        kind = (sent or "").partition(";")[0]
        if kind not in wanted["content"]:
            yield f"content type {kind!r}"
            return
        place = ("paths", template, str(request["method"]).lower(), "requestBody", "content", kind, "schema")
        schema = {"$ref": f"{URI}#/{'/'.join(map(_escaped, place))}"}
        body = _with_texts_for_ids(body)
        if kind == MULTIPART:
            body = body | {file["name"]: "" for file in request["files"]}
        errors = list(self._validator(schema).iter_errors(body))
        for error in errors:
            yield f"{error.json_path}: {error.message[:300]}"
        if not errors:
            yield from (f"unknown key {key}" for key in self._unknown(body, schema, "$"))

    def _validator(self, schema: Any) -> Draft202012Validator:
        return Draft202012Validator(schema, registry=self._registry)

    def _unknown(self, value: Any, schema: Any, at: str) -> Iterator[str]:
        """The keys in a valid value that no part of the schema names."""
        parts = list(self._parts(value, schema))
        if isinstance(value, list):
            for number, item in enumerate(value):
                inner = {"allOf": [part["items"] for part in parts if "items" in part]}
                yield from self._unknown(item, inner, f"{at}[{number}]")
        elif isinstance(value, dict):
            for key, item in value.items():
                named = [part["properties"][key] for part in parts if key in part.get("properties", {})]
                if named:
                    yield from self._unknown(item, {"allOf": named}, f"{at}.{key}")
                elif key not in ALSO_KNOWN and not any(part.get("additionalProperties") for part in parts):
                    yield f"{at}.{key}"

    def _parts(self, value: Any, schema: Any) -> Iterator[dict[str, Any]]:
        """The schema and all it refers to; of alternatives those that the value fits."""
        if not isinstance(schema, dict):
            return
        yield schema
        if "$ref" in schema:
            reference = schema["$ref"]
            found = self._registry.resolver(URI).lookup(reference).contents
            yield from self._parts(value, found)
        for part in schema.get("allOf", []):
            yield from self._parts(value, part)
        for union in UNIONS:
            for part in schema.get(union, []):
                absolute = json.loads(json.dumps(part).replace('"#/', f'"{URI}#/'))
                if self._validator(absolute).is_valid(value):
                    yield from self._parts(value, part)


def _escaped(segment: str) -> str:
    """One part of a JSON pointer in a URI fragment (RFC 6901)."""
    return segment.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _with_texts_for_ids(value: Any) -> Any:
    """The same JSON with the ids of attachments and recipients as text: numbers are taken there, too."""
    if isinstance(value, list):
        return [_with_texts_for_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {key: _with_texts_for_ids(item) for key, item in value.items()}
    if type(out.get("recipient_id")) is int:
        out["recipient_id"] = str(out["recipient_id"])
    if isinstance(out.get("attachments"), list):
        out["attachments"] = [
            item | {"id": str(item["id"])} if isinstance(item, dict) and "id" in item else item
            for item in out["attachments"]
        ]
    return out

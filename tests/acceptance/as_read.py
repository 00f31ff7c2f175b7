"""How Discord's client reads what the bot sends: by the client's rules, not by the bot's escapes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from tests.acceptance.house import House

Request = dict[str, Any]

# An escaped mark, a block of code, code in a line: from left to right, and none of it is markdown.
_LETTERS = re.compile(r"\\([^0-9A-Za-z\s])|```\n*(.+?)\n*```|(?<!`)(`+)(?!`)(.+?)(?<!`)\3(?!`)", re.DOTALL)
_OWN = re.compile(  # what the bot itself writes: moments, links to messages, small lines
    r"<t:\d+:\w>|\[\w[\w ]*\]\(https://discord\.com/channels/[\d/@me]+\)|https://discord\.com/channels/[\d/]+"
    r"|(?m:^-# )"
)
_OWN_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_EMPHASIS = re.compile(r"\*\*?|__?|~~|\|\|")
_WORKS = {
    "calls everybody": r"@(everyone|here)",
    "a mention, an emoji or a moment": r"<(@|#|/|a?:|t:|id:)",
    "a tag": r"<\w",
    "a link": r"https?:/|\]\(",
    "an emoji": r":\w+:",
    "a heading, a quote or a list": r"(?m)^\s*(#{1,3}|>{1,3}|-#?|\*|\d+\.)\s",
    "emphasis": r"\*|__|~~|\|\||\b_|_\b",
    "code": r"`",
}
_JOINERS = "\u200c\u200d"  # emoji and several scripts need them
MARKS = 3  # on one letter; more reach over the lines around
SHOWN = ("content", "description", "label", "placeholder", "name", "title")  # fields
TEXT, ALT = 4000, 1024  # characters of a message's texts together, and of a picture's description


def read(content: str) -> str:
    """What people read: marks that work are gone, escaped ones stand there."""
    shown, at = "", 0
    for found in _LETTERS.finditer(content):
        shown += _EMPHASIS.sub("", content[at : found.start()]) + (found[1] or found[2] or found[4])
        at = found.end()
    shown += _EMPHASIS.sub("", content[at:])
    return shown.replace("@\u200b", "@").replace("ˋ", "`")


def what_works(content: str, *people: str) -> list[str]:
    """What is more than letters in a text, but for the bot's own marks and for mentions of these people."""
    left = _OWN_BOLD.sub(r"·\1·", _OWN.sub("x", _LETTERS.sub("x", content)))
    for person in people:
        left = left.replace(f"<@{person}>", "")
    return [name for name, pattern in _WORKS.items() if re.search(pattern, left)]


def unseen(words: str) -> list[str]:
    """What cannot be seen in a text, or reaches over its neighbours, by Unicode's names."""
    found = []
    marks = 0
    for before, each in zip(" " + words, words, strict=False):
        kind = unicodedata.category(each)
        marks = marks + 1 if kind[0] == "M" else 0
        is_meant = each == "\n" or each in _JOINERS or (each == "\u200b" and before == "@")
        if ((kind[0] == "C" or kind in ("Zl", "Zp")) and not is_meant) or marks > MARKS:
            found.append(unicodedata.name(each, repr(each)))
    return found


def sent_messages(house: House) -> list[Request]:
    """What the bot sent since the last reset: messages, edits of them, forms, choices, posts in a forum."""
    bodies = [
        each["json"]
        for each in house.traffic()
        if each["direction"] == "rest"
        and each["method"] in ("POST", "PATCH")
        and isinstance(each["json"], dict)
    ]
    return [each.get("data") or each.get("message") or each for each in bodies]


def troubles(house: House, *people: str) -> list[str]:
    """All that is wrong with what the bot sent since the last reset, where it may mention these people."""
    refused = [each for each in house.traffic() if each["direction"] == "rest" and each["status"] == 400]
    found = [f"Discord refused {each['json']}" for each in refused]
    for message in sent_messages(house):
        shown = list(_words(message))
        texts = [words for name, words in shown if name == "content"]
        found += [f"{what}: {words!r}" for words in texts for what in what_works(words, *people)]
        found += [f"{what} in a {name}: {words!r}" for name, words in shown for what in unseen(words)]
        found += [f"a long {name}" for name, words in shown if name == "description" and len(words) > ALT]
        if sum(map(len, texts)) > TEXT:
            found.append(f"too long: {texts}")
        if texts and _may_call(message):
            found.append(f"may call somebody: {message}")
    return found


def _may_call(message: Request) -> bool:
    """Whether Discord may notify anybody of those who are named in it. Forms notify nobody."""
    allowed = message.get("allowed_mentions")
    if "custom_id" in message:
        return False
    return not isinstance(allowed, dict) or any(allowed.get(name) for name in ("users", "roles", "parse"))


def _words(part: Any) -> Iterator[tuple[str, str]]:
    """All texts that are shown, by their fields' names. What stands in a form's field is its writer's."""
    if isinstance(part, list):
        for each in part:
            yield from _words(each)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in SHOWN and isinstance(value, str):
                yield name, value
            elif name not in ("value", "values", "attachments"):
                yield from _words(value)

"""Every REST request of the bot, held against Discord's own OpenAPI document."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.asker import Asker, Message, photo, shown, text
from tests.acceptance.house import House
from tests.contract.openapi import BASE, MULTIPART, VARIABLE, Document, document_path

Request = dict[str, Any]

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{WEBHOOK}/messages/@original"
REPLY = f"{WEBHOOK}/messages/{{message_id}}"
BY_BOT = "/channels/{channel_id}/messages/{message_id}"
MESSAGES = "/channels/{channel_id}/messages"
JSON = "application/json"


def load() -> Document:
    """The document; without the variable a skip, with a variable that leads nowhere a failure."""
    path = document_path()
    if path is None:
        pytest.skip(f"{VARIABLE} does not say where Discord's OpenAPI document is")
    try:
        return Document(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        pytest.fail(f"{VARIABLE} is {path}, which cannot be used: {error!r}")


@pytest.fixture(scope="module")
def document() -> Document:
    return load()


async def _work(house: House) -> None:
    """Make the bot send each kind of request that it knows."""
    async with Asker(house.discord) as asker, Asker(house.discord, role="moderator") as moderator:
        picture = await asker.upload(photo())
        await _pictures(house, asker, picture)
        await _lists(house, asker, picture, moderator)
        await _buttons(house, asker, picture)
        await _direct_messages(house, asker, picture)


async def _pictures(house: House, asker: Asker, picture: str) -> None:
    """Jobs that end well, badly, late, and for one's own eyes."""
    await _answered(asker, "jobs history")  # which is empty
    house.fault("rest", path_regex="/callback$", drop_after=True)
    unheard = await asker.ask(picture)
    await asker.until_done(unheard)

    await asker.person.autocomplete(asker.user, asker.channel, "img2img", "sampler", sampler="dpm")
    await asker.acknowledged(await asker.ask(picture, " "))
    await asker.ask(b"no picture at all")
    await asker.until_told_privately()

    house.script(faults=[{"route": "submit", "status": 400, "body": {"error": "no"}, "times": 1}])
    await asker.until_failed(await asker.ask(picture))
    await asker.until_done(await asker.ask(picture, samples=4, negative_prompt="rain, fog", seed=1))
    await asker.until_done(await asker.ask(picture, private=True))

    house.script(inference_seconds="manual")
    late = await asker.ask(picture)
    await asker.until_reply(late, "Processing")
    house.fault("token_expired")
    house.release()
    await asker.until_done(late)


async def _lists(house: House, asker: Asker, picture: str, moderator: Asker) -> None:
    """Every sub-command of /jobs, by the asker and by a moderator."""
    person = asker.person
    house.script(inference_seconds="manual")
    unfinished = await asker.ask(picture, "to be cancelled")
    await asker.until_reply(unfinished, "Processing")
    await _answered(asker, "jobs list")
    await _answered(moderator, "jobs list", everyone=True)
    [choice] = await person.autocomplete(asker.user, asker.channel, "jobs cancel", "job", job="CANCELLED")
    await _answered(asker, "jobs show", job=choice["value"])
    await _answered(asker, "jobs cancel", job=choice["value"])
    await asker.until_reply(unfinished, "Cancelled")
    house.release()
    house.script(inference_seconds=0)
    await _answered(asker, "jobs list")
    await _answered(asker, "jobs history", page=1)
    await _answered(asker, "jobs history", page=99)
    done, *_ = await person.autocomplete(asker.user, asker.channel, "jobs show", "job", job="watercolor")
    await _answered(asker, "jobs show", job=done["value"])
    await _answered(asker, "jobs show", job="no such job")


async def _buttons(house: House, asker: Asker, picture: str) -> None:
    """Clicks by whoever may, and by whoever may not."""
    house.api_fault("submit", status=400)
    failed = await asker.until_failed(await asker.ask(picture, "once more"))
    async with Asker(house.discord, role="member2") as other:
        await other.click(failed, "Retry")
        await other.until_told_privately()
    house.script(inference_seconds="manual")
    await asker.click(failed, "Retry")
    again = await asker.until(
        lambda seen: next((m for m in seen if m["id"] == failed["id"] and "Processing" in shown(m)), None)
    )
    await asker.click(again, "Cancel")
    await asker.until(
        lambda seen: next((m for m in seen if m["id"] == failed["id"] and "Cancelled" in shown(m)), None)
    )
    house.release()
    house.script(inference_seconds=0)


async def _direct_messages(house: House, asker: Asker, picture: str) -> None:
    """A picture and a failure whose replies Discord refuses for good; and the operator, at the end."""
    person, refused = asker.person, {"status": 403, "code": 50001}
    house.fault("rest", method="PATCH", has_files=True, **refused)
    await asker.ask(picture, "sent directly")
    await person.wait_message(lambda m: bool(m["attachment_files"]), asker.user, "dm")
    house.api_fault("submit", status=400)
    house.fault("rest", method="PATCH", body_regex="Failed", **refused)
    await asker.ask(picture, "told directly")
    await person.wait_message(lambda m: "Failed" in text(m), asker.user, "dm")
    house.script(credits=0)
    await asker.until_failed(await asker.ask(picture, "no credits"))
    await person.wait_message(lambda m: "credits" in text(m), "owner", "dm")
    await asker.acknowledged(await asker.ask(picture, "refused at once"))


async def _answered(asker: Asker, command: str, **options: Any) -> None:
    """Run a command and wait until its answer, for the asker alone, is there."""
    interaction = await asker.run(command, **options)
    await asker.acknowledged(interaction)

    def fits(messages: list[Message]) -> Message | None:
        mine = (m for m in messages if (m.get("interaction_metadata") or {}).get("id") == interaction)
        return next((m for m in mine if m["ephemeral"] and m["components"]), None)

    await asker.until(fits)


@pytest.fixture(scope="module")
def requests(document: Document, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Request]]:
    """What a bot said to Discord from its start through every kind of job."""
    house = House(tmp_path_factory.mktemp("openapi"))
    try:
        bot = house.start_bot()
        house.ready()
        asyncio.run(_work(house))
        seen = [each for each in house.traffic() if each["direction"] == "rest"]
        assert bot.stop() == 0, house.logs()
        yield seen
    finally:
        house.close()


def _kind(document: Document, request: Request) -> tuple[str, str | None, str]:
    content_type = (request["content_type"] or "").partition(";")[0]
    return request["method"], document.route(request["path"].removeprefix(BASE)), content_type


def test_every_kind_of_request_was_made(document: Document, requests: list[Request]) -> None:
    kinds = {_kind(document, each) for each in requests}
    wanted = {
        ("GET", "/users/@me", ""),
        ("GET", "/gateway/bot", ""),
        ("GET", "/applications/{application_id}/commands", ""),
        ("PUT", "/applications/{application_id}/commands", JSON),
        ("POST", CALLBACK, JSON),
        ("GET", ORIGINAL, ""),
        ("DELETE", ORIGINAL, ""),
        ("POST", WEBHOOK, JSON),
        ("PATCH", REPLY, JSON),
        ("PATCH", REPLY, MULTIPART),
        ("PATCH", BY_BOT, MULTIPART),
        ("POST", "/users/@me/channels", JSON),
        ("GET", MESSAGES, ""),
        ("POST", MESSAGES, JSON),
        ("POST", MESSAGES, MULTIPART),
    }
    assert wanted <= kinds, wanted - kinds
    answers = {each["json"]["type"] for each in requests if each["path"].endswith("/callback")}
    assert answers == {4, 5, 6, 8}  # a message, a deferral, one that leaves the message as it is, choices


def test_direct_messages_are_posted_once_however_often_they_are_sent(
    document: Document, requests: list[Request]
) -> None:
    posted = [each["json"] for each in requests if _kind(document, each)[:2] == ("POST", MESSAGES)]
    nonces = [each["nonce"] for each in posted]
    assert len(set(nonces)) == len(nonces) == 3  # a picture, a failure, what the operator is told
    assert all(len(nonce) <= 25 and each["enforce_nonce"] for nonce, each in zip(nonces, posted, strict=True))


def test_every_request_is_as_discord_documents_it(document: Document, requests: list[Request]) -> None:
    complaints = {line for each in requests for line in document.complaints(each)}
    assert not complaints, "\n".join(sorted(complaints))


def test_nobody_is_pinged_by_any_message(document: Document, requests: list[Request]) -> None:
    bodies = [each["json"] for each in requests if isinstance(each["json"], dict)]
    messages = [body.get("data", body) for body in bodies if body.get("type") != 8]
    shown = [message for message in messages if message and message.get("components")]
    assert len(shown) > 5
    assert [each for each in shown if each.get("allowed_mentions") != {"parse": []}] == []


Change = Callable[[Request], Any]
WRONG: dict[str, tuple[tuple[str, str | None, str], Change]] = {
    "no such route": (("PATCH", REPLY, JSON), lambda r: r.update(path=f"{BASE}/webhook/1/x")),
    "a method that the route lacks": (("PATCH", REPLY, JSON), lambda r: r.update(method="PUT")),
    "an unknown key": (("PATCH", REPLY, JSON), lambda r: r["json"].update(embed={})),
    "an unknown key further in": (
        ("PATCH", REPLY, JSON),
        lambda r: r["json"]["components"][0].update(colour=1),
    ),
    "an unknown key of a callback": (("POST", CALLBACK, JSON), lambda r: r["json"].update(kind=5)),
    "a text for a number": (("POST", CALLBACK, JSON), lambda r: r["json"].update(type="5")),
    "a colour beyond white": (
        ("PATCH", REPLY, JSON),
        lambda r: r["json"]["components"][0].update(accent_color=0x1000000),
    ),
    "an empty container": (
        ("PATCH", REPLY, JSON),
        lambda r: r["json"]["components"][0].update(components=[]),
    ),
    "eleven attachments": (
        ("PATCH", REPLY, MULTIPART),
        lambda r: r["json"].update(attachments=[{"id": n} for n in range(11)]),
    ),
    "an attachment's id that is none": (
        ("PATCH", REPLY, MULTIPART),
        lambda r: r["json"].update(attachments=[{"id": "first"}]),
    ),
    "a file under another name": (("PATCH", REPLY, MULTIPART), lambda r: r["files"][0].update(name="file0")),
    "another content type": (("PATCH", REPLY, JSON), lambda r: r.update(content_type="text/plain")),
    "a body where none is taken": (("DELETE", ORIGINAL, ""), lambda r: r.update(json={"reason": "none"})),
    "an unknown query parameter": (("PATCH", REPLY, JSON), lambda r: r["query"].update(wait="1")),
    "a direct message to nobody": (
        ("POST", "/users/@me/channels", JSON),
        lambda r: r["json"].update(recipient_id="the asker"),
    ),
    "a nonce that is too long": (("POST", MESSAGES, JSON), lambda r: r["json"].update(nonce="n" * 26)),
    "a button that cannot be told from others": (
        ("POST", MESSAGES, JSON),
        lambda r: r["json"]["components"][0]["components"][-1]["components"][0].update(custom_id="x" * 101),
    ),
    "more messages than can be had": (("GET", MESSAGES, ""), lambda r: r["query"].update(limits="100")),
    "an option without a description": (
        ("PUT", "/applications/{application_id}/commands", JSON),
        lambda r: r["json"][0]["options"][0].pop("description"),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_request_is_reported(document: Document, requests: list[Request], what: str) -> None:
    kind, spoil = WRONG[what]
    right = next(each for each in requests if _kind(document, each) == kind)
    wrong = copy.deepcopy(right)
    spoil(wrong)
    assert document.complaints(right) == []
    assert len(document.complaints(wrong)) >= 1


def test_without_a_document_these_tests_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(pytest.skip.Exception, match=VARIABLE):
        load()


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}"])
def test_a_document_that_cannot_be_used_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "openapi.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(VARIABLE, str(path))
    with pytest.raises(pytest.fail.Exception, match="cannot be used"):
        load()

"""Buttons that are pressed and forms that are sent in, with the one sentence that answers each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.acceptance.asker import Asker, Message, text
from tests.acceptance.discord_side import answers
from tests.acceptance.house import TOKEN, House
from tests.acceptance.jobs_side import LOADING
from tests.person import buttons

V2 = 1 << 15  # a message's flag: it is made of components alone


async def each_told(asker: Asker, interactions: Mapping[str, str]) -> dict[str, str]:
    """The one sentence that answers each of some interactions in time, for nobody else's eyes; by names."""
    for interaction in interactions.values():
        assert (await asker.acknowledged(interaction))["status"] == "acknowledged"
    found: dict[str, list[Message]] = {}

    def fits(messages: list[Message]) -> Message | None:
        for name, interaction in interactions.items():
            found[name] = [m for m in messages if answered_by(m) == interaction and not m["flags"] & LOADING]
        return messages[-1] if all(found.values()) else None

    await asker.until(fits)
    assert all(len(each) == 1 and each[0]["ephemeral"] for each in found.values()), found
    return {name: text(each) for name, [each] in found.items()}


async def pressed(asker: Asker, message: Message, which: Iterable[str]) -> dict[str, str]:
    """The same for buttons of a message."""
    return await each_told(asker, {name: await asker.click(message, name) for name in which})


async def sent_in(asker: Asker, forms: Mapping[str, str]) -> dict[str, str]:
    """The same for open forms, each of which is sent in as it is."""
    return await each_told(asker, {name: await asker.send_in(form) for name, form in forms.items()})


async def told_alone(asker: Asker, interaction: str) -> str:
    """What the asker alone is told when it has become clear that it cannot be done; nothing else is left."""

    def fits(messages: list[Message]) -> Message | None:
        replies = [each for each in messages if answered_by(each) == interaction]
        return next((each for each in replies if each["ephemeral"] and not each["flags"] & LOADING), None)

    told = await asker.until(fits)
    assert [each["id"] for each in await answers(asker, interaction)] == [told["id"]]
    return text(told)


def answered_by(message: Message) -> str:
    """The interaction that a message answers."""
    return str((message.get("interaction_metadata") or {}).get("id"))


async def whispers(asker: Asker) -> list[Message]:
    """What this person alone was told since they came."""
    return [each for each in await asker.new_messages() if each["ephemeral"]]


async def open_form(asker: Asker, message: Message, which: str) -> str:
    """Open a button's form; the interaction."""
    press = await asker.click(message, which)
    await asker.form(press)
    return press


def job_named(message: Message) -> str:
    """The job that a card's buttons name."""
    return str(buttons(message)[0]["custom_id"].partition(":")[2])


def made_up(house: House, channel: str, custom_ids: Iterable[str]) -> Message:
    """A message of the bot's own there with buttons of these ids, which it never would send itself."""
    made = [{"type": 2, "style": 2, "label": each, "custom_id": each} for each in custom_ids]
    rows = [{"type": 1, "components": made[at : at + 5]} for at in range(0, len(made), 5)]
    answer = house.http.post(
        f"{house.discord}/api/v10/channels/{channel}/messages",
        headers={"Authorization": f"Bot {TOKEN}"},
        json={"flags": V2, "components": rows},
    )
    message: Message = answer.raise_for_status().json()
    return message

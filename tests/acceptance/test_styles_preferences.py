"""Styles, preferences and privacy over the real protocol, before and after a restart of the bot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from repaint.styles import BUILT_IN, find_built_in
from tests.acceptance.asker import Asker, Message, text
from tests.acceptance.house import House
from tests.acceptance.jobs_side import answered, calls_nobody, click, command, house_with, restart
from tests.person import buttons

DUSK = {"prompt": "{prompt} at dusk, in ink", "negative_prompt": "no noon", "strength": 0.35, "steps": 12}


async def _sent(house: House, asker: Asker, picture: bytes, prompt: str, **options: Any) -> dict[str, Any]:
    """Repaint a picture; what the image API was asked for last."""
    await asker.until_done(await asker.ask(picture, prompt, **options))
    body: dict[str, Any] = house.api_saw()["requests"][-1]["body"]
    return body


async def _shared(asker: Asker, name: str) -> Message:
    interaction = await asker.run("style share", name=name)
    await asker.acknowledged(interaction)
    reply = await asker.reply(interaction)
    assert reply is not None
    assert not reply["ephemeral"], text(reply)
    return reply


async def _continued(asker: Asker, message: Message) -> str:
    """Continue from somebody's picture. The interaction that says what came of it, a click or a form."""
    press = await asker.click(message, "Continue")
    seen = await asker.acknowledged(press)
    return await asker.send_in(press, prompt="taken on") if "modal" in seen else press


async def test_a_built_in_style_shapes_the_request_and_a_choice_goes_before_it(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    style = find_built_in("anime")
    assert style is not None
    body = await _sent(house, asker, small, "two cats", style="Anime")
    assert body["prompt"] == style.template.replace("{prompt}", "two cats")
    assert (body["negative_prompt"], body["strength"]) == (style.negative_prompt, style.strength)
    body = await _sent(house, asker, small, "two cats", style="anime", strength=0.2, negative_prompt="dogs")
    assert (body["negative_prompt"], body["strength"]) == ("dogs", 0.2)


async def test_the_list_shows_each_built_in_style(house: House, asker: Asker, calm_bot: None) -> None:
    shown = await command(asker, "style list")
    [sheet] = await asker.pictures(shown)
    assert Image.open(io.BytesIO(sheet)).format == "WEBP"
    assert all(style.name in str(shown["components"]) for style in BUILT_IN)
    assert "Your styles" in text(shown)
    assert "Styles of this server" in text(shown)


async def test_a_style_of_ones_own_and_preferences_outlive_the_bot(tmp_path: Path, small: bytes) -> None:
    with house_with(tmp_path) as house:
        async with Asker(house.discord) as asker:
            saved = await command(asker, "style save", name="My Dusk", **DUSK)
            assert "Saved for you" in text(saved)
            assert "metadata" in text(saved)
            await command(asker, "preferences", strength=0.9, style="my dusk", private=True, mention=True)
            for _ in range(2):
                body = await _sent(house, asker, small, "a tower", style="MY dusk")
                assert body["prompt"] == "a tower at dusk, in ink"
                assert (body["negative_prompt"], body["strength"], body["num_inference_steps"]) == (
                    "no noon",
                    0.35,
                    12,
                )
                preferred = await asker.until_done(await asker.ask(small, "a well"))
                assert preferred["ephemeral"], "replies are private"
                body = house.api_saw()["requests"][-1]["body"]
                assert body["prompt"] == "a well at dusk, in ink"
                public = await asker.until_done(await asker.ask(small, "a well", private=False))
                assert not public["ephemeral"], "a choice goes before what is preferred"
                shown = text(await command(asker, "preferences"))
                assert "**0.9**" in shown
                assert "**My Dusk**" in shown
                offered = await asker.person.autocomplete(
                    asker.user, asker.channel, "img2img", "style", style="dus"
                )
                assert [each["value"] for each in offered] == ["My Dusk"]
                restart(house)
            await command(asker, "preferences", reset="style")
            body = await _sent(house, asker, small, "a mill")
            assert (body["prompt"], body["strength"]) == ("a mill", 0.9)
            await command(asker, "preferences", reset="everything")
            done = await asker.until_done(await asker.ask(small, "a barn"))
            assert not done["ephemeral"]
            assert house.api_saw()["requests"][-1]["body"]["strength"] == 0.7
            await command(asker, "style delete", name="my dusk")
            gone = text(await answered(asker, await asker.ask(small, "a mill", style="my dusk")))
            assert "There is no style “my dusk”" in gone


async def test_a_shared_style_is_kept_by_its_button_after_a_restart(tmp_path: Path, small: bytes) -> None:
    with house_with(tmp_path) as house:
        async with Asker(house.discord) as asker, Asker(house.discord, role="member2") as other:
            await command(asker, "style save", name="@everyone dusk", **DUSK)
            shared = await _shared(asker, "@everyone dusk")
            assert calls_nobody(shared)
            assert [each["label"] for each in buttons(shared)] == ["Save for me"]
            restart(house)
            assert "yours now" in text(await click(other, shared, "Save for me"))
            assert "already" in text(await click(other, shared, "Save for me"))
            body = await _sent(house, other, small, "a pier", style="@everyone dusk")
            assert body["prompt"] == "a pier at dusk, in ink"
            await command(asker, "style delete", name="@everyone dusk")
            restart(house)
            assert "changed or deleted" in text(await click(other, shared, "Save for me"))


async def test_a_style_that_automod_does_not_let_through_is_told_to_its_author_alone(
    house: House, asker: Asker, calm_bot: None
) -> None:
    await command(asker, "style save", name="rude", prompt="{prompt}, unspeakable")
    house.fault("automod", keyword="unspeakable", times=1)
    told = await command(asker, "style share", name="rude")
    assert "AutoMod does not let the words of this style through" in text(told)
    assert [each["id"] for each in await asker.new_messages() if not each["ephemeral"]] == []
    await command(asker, "style delete", name="rude")


@pytest.mark.parametrize(
    ("kind", "install"), [("dm", None), ("thread", None), ("elsewhere", "user"), ("group", "user")]
)
async def test_all_of_it_works_wherever_the_app_is(
    house: House, small: bytes, calm_bot: None, kind: str, install: str | None
) -> None:
    async with Asker(house.discord, kind=kind, install=install) as asker:
        await command(asker, "style save", name="here", **DUSK)
        assert "here" in text(await command(asker, "style list"))
        shared = await asker.run("style share", name="here")
        await asker.acknowledged(shared)
        assert "A style by" in text(await asker.reply(shared) or {"content": "", "components": []})
        await command(asker, "preferences", style="here")
        body = await _sent(house, asker, small, f"a lamp in {kind}")
        assert body["prompt"] == f"a lamp in {kind} at dusk, in ink"
        await command(asker, "preferences", reset="everything")
        await command(asker, "style delete", name="here")
        assert "what you ask me for" in text(await command(asker, "privacy status")).lower()


async def test_a_servers_style_is_kept_by_its_staff_and_used_by_all(
    house: House, asker: Asker, small: bytes, calm_bot: None
) -> None:
    refused = await command(asker, "style save", name="Ours", for_server=True, **DUSK)
    assert "Manage Server" in text(refused)
    async with Asker(house.discord, role="owner") as owner:
        await command(owner, "style save", name="Ours", **DUSK)
        shared = await command(owner, "style share", name="ours", for_server=True)
        assert "Everyone on this server" in text(shared)
        body = await _sent(house, asker, small, "a gate", style="ours")
        assert body["prompt"] == "a gate at dusk, in ink"
        assert "Manage Server" in text(await command(asker, "style delete", name="ours", for_server=True))
        assert "is deleted" in text(await command(owner, "style delete", name="ours", for_server=True))
        await command(owner, "style delete", name="ours")


async def test_who_opts_out_is_still_out_after_a_restart(tmp_path: Path, small: bytes) -> None:
    with house_with(tmp_path) as house:
        async with Asker(house.discord) as asker, Asker(house.discord, role="member2") as other:
            done = await asker.until_done(await asker.ask(small, "my garden"))
            assert "Others can repaint" in text(await command(asker, "privacy status"))
            assert "Nobody else" in text(await command(asker, "privacy opt-out"))
            for _ in range(2):
                refused = text(await answered(other, await _continued(other, done)))
                assert "does not want others to repaint it" in refused
                restart(house)
            assert "Nobody else" in text(await command(asker, "privacy status"))
            assert "Others can repaint" in text(await command(asker, "privacy opt-in"))
            await other.until_done(await _continued(other, done))

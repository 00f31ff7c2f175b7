"""The options of /img2img: their ranges, what is typed into them, and how people's words are shown."""

import pytest

from repaint.models import SAMPLERS, SCHEDULERS
from tests.acceptance.asker import Asker, everything, text
from tests.acceptance.house import House
from tests.person import Refused

pytestmark = pytest.mark.usefixtures("calm_bot")


@pytest.mark.parametrize(
    "option",
    [
        {"strength": -0.1},
        {"strength": 1.01},
        {"steps": 0},
        {"steps": 101},
        {"steps": 2.5},
        {"guidance": 0.9},
        {"guidance": 20.5},
        {"samples": 0},
        {"samples": 5},
        {"seed": -1},
        {"seed": 2**32},
        {"scheduler": "sgm"},
        {"prompt": ""},
        {"prompt": "x" * 2001},
        {"negative_prompt": "x" * 1001},
    ],
    ids=str,
)
async def test_discord_itself_refuses_what_is_out_of_range(
    house: House, asker: Asker, small: bytes, option: dict[str, object]
) -> None:
    [name] = option
    with pytest.raises(Refused, match=f"'{name}'"):
        await asker.ask(small, **{"prompt": "a fox", **option})  # type: ignore[arg-type]
    assert await asker.new_messages() == []


@pytest.mark.parametrize("option", ["strength", "steps", "guidance", "samples"])
async def test_the_ends_of_the_ranges_are_taken(
    house: House, asker: Asker, small: bytes, option: str
) -> None:
    ends = {"strength": (0, 1), "steps": (1, 100), "guidance": (1, 20), "samples": (1, 4)}[option]
    api_name = {"steps": "num_inference_steps", "guidance": "guidance_scale"}.get(option, option)
    house.script(fail="seen enough")
    for end in ends:
        prompt = f"{option} {end}"
        await asker.until_failed(await asker.ask(small, prompt, **{option: end}))
        [request] = house.accepted(prompt)
        assert request["body"][api_name] == end


async def test_the_command_offers_the_six_schedulers(house: House, asker: Asker) -> None:
    commands = (await asker.person.world())["commands"]
    [command] = [each for each in commands if each["name"] == "img2img"]
    options = {each["name"]: each for each in command["options"]}
    assert tuple(choice["value"] for choice in options["scheduler"]["choices"]) == SCHEDULERS
    assert [name for name, option in options.items() if option.get("required")] == ["image", "prompt"]


@pytest.mark.parametrize("typed", ["", "dpmpp", "EULER", " lcm ", "ancestral", "no such thing"])
async def test_typing_a_sampler_offers_those_that_match(house: House, asker: Asker, typed: str) -> None:
    choices = await asker.person.autocomplete(asker.user, asker.channel, "img2img", "sampler", sampler=typed)
    offered = [choice["value"] for choice in choices]
    matching = [name for name in SAMPLERS if typed.strip().lower() in name]
    assert set(offered) <= set(matching)
    assert len(offered) == min(25, len(matching)) == len(set(offered))


async def test_a_sampler_that_does_not_exist_is_refused_to_its_asker_alone(
    house: House, asker: Asker, small: bytes
) -> None:
    before = house.api_saw()
    await asker.ask(small, sampler="*dpmpp* @everyone")
    told = await asker.until_told_privately()
    assert "There is no sampler" in text(told)
    assert "@everyone" not in text(told)
    assert [each["id"] for each in await asker.new_messages()] == [told["id"]]
    assert house.api_saw()["uploads"] == before["uploads"]


@pytest.mark.parametrize("prompt", ["   ", "\n\t", "\u200b\u200b", "\u2800", "\u200d\u3164"], ids=ascii)
async def test_a_prompt_that_shows_nothing_is_refused_to_its_asker_alone(
    house: House, asker: Asker, small: bytes, prompt: str
) -> None:
    before = house.api_saw()
    await asker.ask(small, prompt)
    told = await asker.until_told_privately()
    assert "The prompt is empty" in text(told)
    assert [each["id"] for each in await asker.new_messages()] == [told["id"]]
    assert house.api_saw()["uploads"] == before["uploads"]


async def test_a_long_prompt_reaches_the_api_whole_and_is_shown_inertly(
    house: House, asker: Asker, small: bytes
) -> None:
    marks = (
        "@everyone @here <@1> <@&2> <#3> **bold** `code` ||spoiler|| [a](https://x.test) # title\n> quote "
    )
    prompt = (marks * 40)[:2000].strip()
    done = await asker.until_done(await asker.ask(small, prompt))
    assert len(house.accepted(prompt)) == 1
    shown = text(done)
    for live in (
        "@everyone",
        "@here",
        "<@1>",
        "<@&2>",
        "<#3>",
        "**bold**",
        "||spoiler||",
        "[a](",
        "https://x",
    ):
        assert live not in shown, live
    assert "…" in shown
    assert len(shown) < 1200
    assert done["mentions"] == done["mention_roles"] == []
    assert not done["mention_everyone"]


async def test_a_negative_prompt_is_shown_inertly_too(house: House, asker: Asker, small: bytes) -> None:
    done = await asker.until_done(await asker.ask(small, negative_prompt="@everyone **no** <@1>"))
    for live in ("@everyone", "**no**", "<@1>"):
        assert live not in everything(done)
    assert "without: " in text(done)

"""The whole way, from the command to the posted picture."""

from repaint.errors import InferenceFailed
from tests.acceptance.asker import Asker, everything, opened, shown
from tests.acceptance.house import House, until


async def test_a_photograph_comes_back_repainted_in_the_same_reply(
    house: House, asker: Asker, astronaut: bytes
) -> None:
    house.script(queue_seconds="manual", inference_seconds="manual")
    interaction = await asker.ask(astronaut, "an oil painting", seed=7)
    queued = await asker.until_reply(interaction, "Queued")
    await until(lambda: house.accepted("an oil painting"))
    house.release()
    processing = await asker.until_reply(interaction, "Processing")
    house.release()
    done = await asker.until_done(interaction)
    assert queued["id"] == processing["id"] == done["id"]
    assert [each["id"] for each in await asker.new_messages()] == [done["id"]]
    [picture] = await asker.pictures(done)
    assert opened(picture).format == "PNG"
    assert "seed 7" in everything(done)
    [request] = house.accepted("an oil painting")
    assert request["cost"] > 0


async def test_the_reply_shows_each_state_in_its_order(house: House, asker: Asker, astronaut: bytes) -> None:
    house.script(queue_seconds="manual", inference_seconds="manual")
    interaction = await asker.ask(astronaut, "state by state")
    for word in ("Queued", "Processing"):
        await asker.until_reply(interaction, word)
        await until(lambda: house.accepted("state by state"))
        house.release()
    done = await asker.until_done(interaction)
    words = [line.split()[1] for line in await asker.lines_shown(done)]
    assert list(dict.fromkeys(words)) == ["Queued", "Processing", "Done"]


async def test_the_picture_carries_its_parameters(house: House, asker: Asker, astronaut: bytes) -> None:
    interaction = await asker.ask(
        astronaut, "a comic", seed=42, strength=0.55, steps=31, negative_prompt="rain"
    )
    [picture] = await asker.pictures(await asker.until_done(interaction))
    text = opened(picture).info["parameters"]
    assert text.startswith("a comic\nNegative prompt: rain\nSteps: 31")
    assert "Seed: 42" in text
    assert "Denoising strength: 0.55" in text


async def test_every_option_reaches_the_api_as_given(house: House, asker: Asker, astronaut: bytes) -> None:
    house.script(fail="seen enough")
    interaction = await asker.ask(
        astronaut,
        "every option",
        strength=0.25,
        seed=4_294_967_295,
        negative_prompt="rain, text",
        steps=1,
        guidance=20,
        samples=2,
        sampler="Euler",
        scheduler="karras",
    )
    assert InferenceFailed.sentence in shown(await asker.until_failed(interaction))
    [request] = house.accepted("every option")
    body = request["body"]
    assert body.pop("image").startswith(f"{house.api}/assets/")
    assert body == {
        "prompt": "every option",
        "negative_prompt": "rain, text",
        "num_inference_steps": 1,
        "guidance_scale": 20,
        "seed": 4_294_967_295,
        "samples": 2,
        "strength": 0.25,
        "sampler": "euler",
        "scheduler": "karras",
        "base64": False,
    }


async def test_without_a_seed_one_is_drawn_and_shown(house: House, asker: Asker, astronaut: bytes) -> None:
    interaction = await asker.ask(astronaut, "no seed")
    done = await asker.until_done(interaction)
    [request] = house.accepted("no seed")
    assert f"seed {request['body']['seed']}" in everything(done)


async def test_four_samples_are_four_pictures(house: House, asker: Asker, astronaut: bytes) -> None:
    done = await asker.until_done(await asker.ask(astronaut, samples=4))
    assert len(await asker.pictures(done)) == 4
    assert shown(done).startswith("✅ Done")

"""In which order a reply shows what, and that it pings nobody."""

from __future__ import annotations

from tests.acceptance.asker import Asker
from tests.acceptance.discord_side import all_over, edits, sent, the_picture
from tests.acceptance.house import House, until


async def test_a_progress_edit_that_hangs_neither_delays_nor_replaces_the_picture(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    house.script(inference_seconds="manual")
    house.fault("rest", method="PATCH", path_regex="/messages/", delay=5)
    interaction = await asker.ask(astronaut, "held")
    await asker.acknowledged(interaction)
    await until(lambda: house.accepted("held"))
    house.release()
    done = await asker.until_done(interaction)
    assert not any(not each["files"] for each in edits(house, done))  # the other one has not ended yet
    await all_over(house)
    await the_picture(asker, interaction)
    lines = await asker.lines_shown(done)
    assert "Done" in lines[0]
    assert "Done" in lines[-1]
    assert len(lines) == 3  # the held one took effect between the two


async def test_nobody_is_pinged_by_what_a_prompt_says(
    house: House, asker: Asker, astronaut: bytes, calm_bot: None
) -> None:
    prompt = f"@everyone @here <@{asker.user}> <@&1000000000000000201> come"
    interaction = await asker.ask(astronaut, prompt, negative_prompt=prompt)
    done = await asker.until_done(interaction)
    assert done["mentions"] == []
    assert not done["mention_everyone"]
    messages = [each["json"] for each in sent(house, "PATCH", "/messages/")]
    assert messages
    assert all(each["allowed_mentions"] == {"parse": []} for each in messages)

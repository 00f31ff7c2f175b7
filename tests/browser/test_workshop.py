"""The workshop's switches: what goes wrong is survived, and seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat import Chat


@pytest.fixture
def drawer(chat: Chat) -> Locator:
    chat.page.get_by_role("button", name="Workshop", exact=False).first.click()
    drawer = chat.page.get_by_role("complementary", name="Workshop")
    expect(drawer.locator("#bot-state")).to_have_text("It is running.")
    return drawer


def test_a_killed_bot_finishes_its_job_when_it_is_back(chat: Chat, drawer: Locator) -> None:
    drawer.get_by_label("Pace").select_option(label="Never finished")
    chat.img2img("older than its bot")
    expect(chat.card("older than its bot")).to_contain_text("Processing")
    drawer.get_by_role("button", name="Kill").click()
    expect(drawer.locator("#bot-state")).to_contain_text("has ended")
    expect(chat.page.locator("#bot")).to_have_text("The bot is away.")
    chat.picture("workshop")
    drawer.get_by_label("Pace").select_option(label="At the engine's own pace")
    drawer.get_by_role("button", name="Start").click()
    chat.done("older than its bot")


def test_without_a_bot_a_command_fails_as_people_know_it(chat: Chat, drawer: Locator) -> None:
    drawer.get_by_role("button", name="Stop").click()
    expect(drawer.locator("#bot-state")).to_contain_text("has ended")
    chat.begin("help")
    chat.run()
    expect(chat.log.get_by_role("alert")).to_contain_text("The application did not respond")
    drawer.get_by_role("button", name="Start").click()
    expect(chat.page.locator("#bot")).to_have_text("The bot is there.")


def test_a_button_without_a_bot_fails_by_its_message(chat: Chat, drawer: Locator) -> None:
    chat.img2img("pressed in vain")
    card = chat.done("pressed in vain")
    drawer.get_by_role("button", name="Kill").click()
    expect(drawer.locator("#bot-state")).to_contain_text("has ended")
    chat.press(card, "Again")
    expect(card.get_by_role("alert")).to_have_text("This interaction failed")


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("Every picture fails", "The image service failed while repainting."),
        (
            "Every picture is refused for its content",
            "refused this picture or prompt because of its content rules",
        ),
        ("Out of credits", "credits at the image service"),
    ],
)
def test_trouble_at_the_image_api_is_said(chat: Chat, drawer: Locator, trouble: str, sentence: str) -> None:
    drawer.get_by_label("Trouble").select_option(label=trouble)
    words = f"while: {trouble.lower()}"
    chat.begin("img2img")
    chat.pick("landscape")
    chat.option("prompt").fill(words)
    chat.run()
    expect(chat.card(sentence)).to_be_visible(timeout=30_000)
    drawer.get_by_label("Trouble").select_option(label="All is well")
    chat.serving.restart_bot()  # it refuses commands until it has asked again what the account has


def test_an_ended_token_and_a_dropped_gateway_keep_no_picture_away(chat: Chat, drawer: Locator) -> None:
    drawer.get_by_label("Pace").select_option(label="Lifelike: about 5 seconds")
    chat.img2img("through thick and thin")
    drawer.get_by_role("button", name="End all tokens").click()
    expect(drawer.locator("#ordered")).to_have_text("Ordered: End all tokens.")
    drawer.get_by_role("button", name="Drop the gateway").click()
    chat.done("through thick and thin")
    expect(drawer.get_by_text("RESUME", exact=True).first).to_be_visible()


def test_the_traffic_is_shown_with_its_times(chat: Chat, drawer: Locator) -> None:
    chat.img2img("watched on its way")
    chat.done("watched on its way")
    lines = drawer.get_by_role("list", name="Between the bot and Discord")
    expect(lines).to_contain_text("command img2img")
    expect(lines.get_by_text("acknowledged").first).to_be_visible()
    request = drawer.get_by_role("list", name="At the image API").get_by_role("listitem").first
    expect(request).to_contain_text("COMPLETED")
    expect(request).to_contain_text("posted")
    lines.get_by_text("command img2img").first.click()
    expect(lines.locator("pre").first).to_contain_text("watched on its way")
    figures = drawer.locator(".figures")
    expect(figures).to_contain_text("ms")


def test_time_is_moved_forward(chat: Chat, drawer: Locator) -> None:
    before = drawer.locator("#now").inner_text()
    drawer.get_by_role("button", name="+ 1 day").click()
    expect(drawer.locator("#now")).not_to_have_text(before)


def test_the_drawer_opens_and_closes_by_keys(chat: Chat, drawer: Locator) -> None:
    chat.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(chat.page.locator("#open-workshop")).to_be_focused()

"""What somebody does at the page, in the words of a person."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.serving import Serving


class Chat:
    """The page as somebody uses it."""

    def __init__(self, page: Page, serving: Serving) -> None:
        self.page = page
        self.serving = serving

    def open(self, where: str = "") -> Self:
        """Go there, e.g. `#moderator/staff`, and wait until the bot is there."""
        self.page.goto(f"{self.serving.url}/{where}")
        expect(self.page.locator("#bot")).to_have_attribute("data-connected", "true")
        return self

    def become(self, role: str) -> None:
        """Be another person: "moderator", "owner", "another member", "a member"."""
        people = self.page.get_by_label("You are")
        label = next(each for each in people.locator("option").all_inner_texts() if each.endswith(role))
        people.select_option(label=label)
        expect(self.page.locator("#bot")).to_have_attribute("data-connected", "true")

    def go(self, kind: str) -> None:
        """Visit a channel by its kind."""
        self.page.locator(f'#channels [data-kind="{kind}"]').click()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    def card(self, words: str) -> Locator:
        """The newest message with these words."""
        return self.log.locator("li[data-message]").filter(has_text=words).last

    def done(self, words: str) -> Locator:
        """That message, when its picture is there."""
        card = self.card(words)
        expect(card).to_contain_text("Done", timeout=40_000)
        card.scroll_into_view_if_needed()  # pictures are loaded when they come into sight
        expect(card.locator("img").first).to_be_visible()
        return card

    # Commands ---------------------------------------------------------------------------------------------

    @property
    def message_field(self) -> Locator:
        return self.page.get_by_label("Message", exact=True)

    def begin(self, command: str) -> None:
        """Type the command's name and choose it."""
        self.message_field.fill(f"/{command}")
        self.page.get_by_role("listbox").get_by_role("option", name=f"/{command}").first.click()

    def img2img(self, prompt: str, picture: Path | FilePayload | str = "landscape") -> None:
        """Run /img2img with a sample, by its name, or a file."""
        self.begin("img2img")
        self.pick(picture)
        self.option("prompt").fill(prompt)
        self.run()
        expect(self.card(prompt)).to_be_visible()

    def pick(self, picture: Path | FilePayload | str) -> None:
        """Choose a picture where one is asked for: a sample by its name, or a file."""
        if isinstance(picture, str):
            samples = self.page.get_by_role("group", name="Sample pictures").last
            samples.locator(f'img[src$="/{picture}.jpg"]').click()
        else:
            self.page.locator('input[type="file"]').last.set_input_files(picture)
        expect(self.page.get_by_role("list", name="Chosen files").last).to_be_visible()

    @property
    def panel(self) -> Locator:
        """The command that is being filled in."""
        return self.page.locator("form.panel")

    def option(self, name: str) -> Locator:
        """One of its options' fields."""
        return self.panel.get_by_label(name, exact=True).first

    def more(self, name: str) -> Locator:
        """An option that need not be given; its field."""
        if self.panel.locator(".chips").is_hidden():
            self.panel.get_by_role("button", name="more option").click()
        self.panel.locator(f'[data-option="{name}"]').click()
        return self.option(name)

    def run(self) -> None:
        self.page.get_by_role("button", name="Run", exact=True).click()

    # Messages and forms -----------------------------------------------------------------------------------

    def press(self, message: Locator, button: str) -> None:
        """Press a button of a message."""
        message.get_by_role("button", name=button, exact=True).click()

    def menu(self, message: Locator, entry: str) -> None:
        """Choose something in a message's menu."""
        message.locator("article").click(button="right", position={"x": 200, "y": 8})
        self.page.get_by_role("menuitem", name=entry).click()

    @property
    def form(self) -> Locator:
        """The open form."""
        return self.page.get_by_role("dialog")

    # Pictures of the page ---------------------------------------------------------------------------------

    def picture(self, name: str, of: Locator | None = None) -> Path:
        """Take a picture of the page, or of a part of it: a JPEG, as most of them show pictures."""
        path = self.serving.pictures / f"{name}.jpg"
        (of or self.page).screenshot(path=path, type="jpeg", quality=88)
        return path

"""What people do all day, at the page: options, forms, menus, buttons, and who sees what."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.chat import Chat


def test_a_style_is_completed_while_one_types(chat: Chat) -> None:
    chat.begin("img2img")
    chat.pick("landscape")
    chat.option("prompt").fill("a lake")
    style = chat.more("style")
    style.press_sequentially("stain")
    choice = chat.page.get_by_role("option", name="stained glass")
    expect(choice).to_be_visible()
    expect(chat.page.get_by_role("option", name="watercolor")).to_have_count(0)
    chat.picture("autocomplete")
    choice.click()
    strength = chat.more("strength")
    strength.fill("1.5")
    chat.run()
    expect(chat.panel).to_contain_text("from 0 to 1")
    strength.fill("0.8")
    chat.run()
    card = chat.done("a lake")
    expect(card).to_contain_text("style stained glass · strength 0.8")


def test_a_form_is_filled_in(chat: Chat) -> None:
    chat.begin("repaint")
    chat.run()
    expect(chat.form).to_be_visible()
    chat.form.get_by_role("group", name="Sample pictures").get_by_role("button").first.click()
    chat.form.get_by_label("What should it become?").fill("a pencil sketch of a lake")
    chat.form.get_by_label("Strength").select_option(label="0.5 · Noticeably")
    chat.picture("form")
    chat.form.get_by_role("button", name="Submit").click()
    expect(chat.form).to_be_hidden()
    card = chat.done("a pencil sketch of a lake")
    expect(card).to_contain_text("strength 0.5")


def test_a_refused_form_is_told_and_opened_again(chat: Chat) -> None:
    chat.begin("repaint")
    chat.run()
    chat.form.get_by_role("group", name="Sample pictures").get_by_role("button").first.click()
    chat.form.get_by_label("What should it become?").fill("with a wrong line")
    chat.form.get_by_label("Advanced").fill("steps: 900")
    chat.form.get_by_role("button", name="Submit").click()
    told = chat.card("cannot be “900”")
    expect(told).to_contain_text("Only you can see this")
    chat.press(told, "Edit")
    expect(chat.form.get_by_label("Advanced")).to_have_value("steps: 900")
    chat.form.get_by_label("Advanced").fill("steps: 9")
    chat.form.get_by_role("button", name="Submit").click()
    expect(chat.done("with a wrong line")).to_contain_text("9 steps")


def test_a_picture_that_somebody_posted_is_repainted_by_its_menu(chat: Chat) -> None:
    page = chat.page
    page.get_by_role("button", name="Attach").click()
    chat.pick("landscape")
    chat.message_field.fill("what I saw today")
    page.get_by_role("button", name="Send").click()
    posted = chat.card("what I saw today")
    expect(posted.locator("img").first).to_be_visible()
    chat.become("another member")
    page.get_by_label("Your language").select_option(label="English")
    chat.menu(chat.card("what I saw today"), "Repaint this image")
    chat.form.get_by_label("What should it become?").fill("as an ink wash")
    chat.form.get_by_role("button", name="Submit").click()
    card = chat.done("as an ink wash")
    expect(card).to_contain_text("from a picture by @Mika")
    card.get_by_role("link", name="message").click()
    expect(chat.card("what I saw today").locator("article")).to_be_focused()


def test_buttons_of_a_card(chat: Chat) -> None:
    chat.img2img("a comic to go on with")
    first = chat.done("a comic to go on with")
    chat.picture("done", of=first.locator(".card"))
    cards = chat.log.locator("li[data-message]").filter(has_text="a comic to go on with")
    expect(cards).to_have_count(1)
    chat.press(first, "Stronger")
    expect(cards).to_have_count(2)
    expect(chat.done("a comic to go on with")).to_contain_text("strength 0.8")
    chat.press(cards.first, "Compare")
    told = chat.log.locator("li[data-message]").last
    expect(told.get_by_role("img", name="Before and after, side by side")).to_be_visible(timeout=30_000)
    expect(told).to_contain_text("Only you can see this")
    told.get_by_role("button", name="Dismiss message").click()
    expect(chat.page.get_by_role("img", name="Before and after, side by side")).to_have_count(0)


def test_what_is_for_one_person_nobody_else_sees(chat: Chat) -> None:
    chat.begin("jobs history")
    chat.run()
    told = chat.log.locator("li[data-message]").filter(has_text="Only you can see this").last
    expect(told).to_be_visible()
    words = "for my eyes alone"
    chat.begin("img2img")
    chat.pick("landscape")
    chat.option("prompt").fill(words)
    chat.more("private").select_option(label="True")
    chat.run()
    expect(chat.done(words)).to_contain_text("Only you can see this")
    for other in ("another member", "a moderator", "the owner"):
        chat.become(other)
        expect(chat.page.locator("#messages")).not_to_contain_text(words)
        expect(chat.page.locator("#messages")).not_to_contain_text("Only you can see this")
    chat.become("a member")
    expect(chat.card(words)).to_be_visible()


def test_the_staff_channel_is_for_staff(chat: Chat) -> None:
    staff = chat.page.locator('#channels [data-kind="staff"]')
    expect(staff).to_have_count(0)
    chat.become("a moderator")
    expect(staff).to_be_visible()


def test_a_moderator_deletes_a_picture(chat: Chat) -> None:
    chat.img2img("nothing for this place")
    chat.done("nothing for this place")
    chat.become("another member")
    chat.page.get_by_label("Your language").select_option(label="English")
    chat.press(chat.card("nothing for this place"), "Delete")
    refused = chat.card("Only the person who asked for this picture or a moderator can delete it.")
    expect(refused).to_be_visible()
    chat.become("a moderator")
    chat.press(chat.card("nothing for this place"), "Delete")
    expect(chat.form).to_contain_text("Delete this picture?")
    chat.form.get_by_role("button", name="Submit").click()
    expect(chat.page.locator("#messages")).not_to_contain_text("nothing for this place")
    chat.become("a member")
    expect(chat.page.locator("#messages")).not_to_contain_text("nothing for this place")


def test_in_ones_own_language(chat: Chat) -> None:
    chat.become("another member")  # whose language is German
    expect(chat.page.get_by_label("Your language")).to_have_value("de")
    chat.message_field.fill("/hilfe")
    chat.page.get_by_role("option", name="/hilfe").click()
    chat.run()
    expect(chat.card("Only you can see this")).to_contain_text("Bild")
    told = chat.card("Only you can see this")
    expect(told).to_be_in_viewport()
    chat.picture("german")


def test_in_a_group_the_app_that_one_brought_along_answers(chat: Chat) -> None:
    chat.go("group")
    chat.img2img("painted among friends")
    chat.done("painted among friends")


def test_the_address_says_who_one_is_and_where(chat: Chat) -> None:
    chat.open("#member2/showcase")
    expect(chat.page.get_by_label("You are")).to_have_value("1000000000000000302")
    expect(chat.page.get_by_label("Your language")).to_have_value("de")
    expect(chat.page.locator("#channel-name")).to_contain_text("showcase")
    chat.page.evaluate("() => { location.hash = '#moderator/staff'; }")
    expect(chat.page.locator("#channel-name")).to_contain_text("staff")
    chat.page.evaluate("() => { location.hash = '#%'; }")
    expect(chat.page.get_by_label("You are")).to_have_value("1000000000000000301")


def test_whoever_is_in_a_hurry_sees_each_message_once(chat: Chat) -> None:
    chat.go("showcase")
    chat.message_field.fill("said once")
    chat.page.get_by_role("button", name="Send").click()
    expect(chat.card("said once")).to_be_visible()
    for kind in ("art", "showcase", "art", "showcase"):
        chat.page.locator(f'#channels [data-kind="{kind}"]').dblclick()
    chat.message_field.fill("and once more")
    chat.page.get_by_role("button", name="Send").click()
    expect(chat.card("and once more")).to_be_visible()
    for words in ("said once", "and once more"):
        expect(chat.log.locator("li[data-message]").filter(has_text=words)).to_have_count(1)


def test_what_is_being_filled_in_stays(chat: Chat) -> None:
    chat.begin("img2img")
    chat.option("prompt").fill("not to be lost")
    chat.go("art")
    chat.page.get_by_label("Your language").select_option(label="Deutsch")
    expect(chat.option("prompt")).to_have_value("not to be lost")


def test_a_link_to_a_message_that_is_gone_says_so(chat: Chat) -> None:
    chat.message_field.fill("https://discord.com/channels/1000000000000000100/1000000000000000406/7")
    chat.page.get_by_role("button", name="Send").click()
    chat.card("1000000000000000406/7").get_by_role("link").click()
    expect(chat.page.locator("#channel-name")).to_contain_text("showcase")
    expect(chat.page.locator("#notices")).to_contain_text("That message is not here any more.")

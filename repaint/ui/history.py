"""`/jobs history`: somebody's finished pictures, a page at a time, with buttons that turn the pages.

A button knows its page, and by a draft what was searched for, so it works after a restart, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias

import discord
from discord import ui

from repaint.errors import RequestError
from repaint.text import text
from repaint.ui.alone import alone
from repaint.ui.buttons.base import acknowledged
from repaint.ui.held import DRAFT, held, hold
from repaint.ui.interactions import guarded, origin_of
from repaint.ui.languages import own_words
from repaint.ui.lists import PER_PAGE, history_view
from repaint.ui.notices import notice
from repaint.ui.reply import Known, Reply
from repaint.ui.shelf import Shelf, answer, scratch
from repaint.ui.words import inert

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

PAGES = 1000  # that are counted at most
SEARCH = "history"  # the sort of the drafts that hold what was searched for
SEARCH_SHOWN = 60  # characters
NONE_YET = text("You have no finished pictures yet.")
NOT_YOURS = text("Only the person who asked for this list can turn its pages.")


class Sought(NamedTuple):
    """What was searched for, "" for all, and the draft that holds it, "-" where there is none."""

    words: str = ""
    draft: str = "-"


class PageButton(
    ui.DynamicItem[ui.Button[Any]], template=rf"history:(?P<page>\d{{1,4}}):(?P<draft>{DRAFT}|-)"
):
    """Shows another page in the same message."""

    def __init__(self, label: str, page: int, draft: str, *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"history:{page}:{draft}", disabled=disabled))
        self.page = page
        self.draft = draft

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        made = cls.__new__(cls)
        ui.DynamicItem.__init__(made, item)
        made.page, made.draft = int(match["page"]), match["draft"]
        return made

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await guarded(interaction, self._turn)

    async def _turn(self, interaction: Interaction) -> None:
        asked = interaction.message.interaction_metadata if interaction.message is not None else None
        if asked is not None and asked.user.id != interaction.user.id:
            raise RequestError(sentence=NOT_YOURS)
        with alone(interaction.user.id):
            if not await acknowledged(interaction):
                return
            sought = Sought()
            if self.draft != sought.draft:
                document = await held(interaction, SEARCH, self.draft)
                sought = Sought(str(document["words"]), self.draft)
            # The message that is clicked is the click's `@original`.
            reply = Reply(interaction.client, origin_of(interaction, None, ephemeral=True), Known())
            await _show(interaction, reply, self.page, await _pages(interaction, sought), sought)


async def show_history(interaction: Interaction, reply: Reply, page: int, search: str) -> None:
    """A page of the asker's finished pictures, of those with `search` in their prompts.

    Raises RequestError where there is no such page, and as `answer` does.
    """
    sought = Sought(search.strip())
    pages = await _pages(interaction, sought)
    if pages and page > pages:
        say = own_words(interaction)
        raise RequestError(sentence=say.plural("There is only {n} page.", "There are {n} pages.", pages))
    if sought.words and pages > 1:
        sought = sought._replace(draft=await hold(interaction, SEARCH, {"words": sought.words}))
    await _show(interaction, reply, page, pages, sought)


async def _pages(interaction: Interaction, sought: Sought) -> int:
    store = interaction.client.runner.store
    limit = PAGES * PER_PAGE
    return -(-await store.count_finished(interaction.user.id, at_most=limit, search=sought.words) // PER_PAGE)


async def _show(interaction: Interaction, reply: Reply, page: int, pages: int, sought: Sought) -> None:
    """The page, or the last one where there are fewer by now."""
    say, viewer, runner = own_words(interaction), interaction.user.id, interaction.client.runner
    page = min(max(1, page), pages)
    if not pages:
        nothing = say(NONE_YET)
        if sought.words:
            nothing = say(
                "None of your finished pictures has “{words}” in its prompt.",
                words=inert(sought.words, SEARCH_SHOWN),
            )
        await answer(reply, lambda _: notice(nothing))
        return
    chosen = await runner.store.finished_of(
        viewer, limit=PER_PAGE, offset=(page - 1) * PER_PAGE, search=sought.words
    )
    shelf = Shelf(runner.studio, keep_days=runner.limits.keep_pictures_days)

    def build(with_prompts: bool) -> ui.LayoutView:
        return history_view(
            kept,
            page,
            pages,
            viewer=viewer,
            with_prompts=with_prompts,
            say=say,
            searched=inert(sought.words, SEARCH_SHOWN),
            row=turning(page, pages, sought.draft) if pages > 1 else None,
        )

    with scratch() as folder:
        kept = await shelf.previews(chosen, folder)
        await answer(reply, build, [(each.preview, each.preview.name) for each in kept if each.preview])


def turning(page: int, pages: int, draft: str) -> ui.ActionRow[ui.LayoutView]:
    """The buttons to the newer and to the older pages."""
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(PageButton("◀", page - 1, draft, disabled=page <= 1))
    row.add_item(PageButton("▶", page + 1, draft, disabled=page >= pages))
    return row

"""/repaint, a form in place of options, and "Repaint this image" in every message's menu."""

# discord.py reads the annotations at run time: no `from __future__ import annotations` and no TYPE_CHECKING.
import dataclasses
import logging
import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from repaint.errors import RequestError
from repaint.text import text
from repaint.ui import paint_form
from repaint.ui.again_form import ReopenButton, forgiving
from repaint.ui.asking import Wish, ask, check_not_empty, check_owners
from repaint.ui.attempts import FAULTS
from repaint.ui.client import RepaintBot
from repaint.ui.forms import Filled, form, open_form
from repaint.ui.found import Hosts, pictures
from repaint.ui.held import DRAFT, GONE, held, hold
from repaint.ui.interactions import check_permissions, guarded, is_age_restricted, whisper
from repaint.ui.languages import Words, own_words
from repaint.ui.notices import GREY
from repaint.ui.paint_form import painted
from repaint.ui.posted import Posted, look_at, with_source
from repaint.ui.style_names import offered_styles
from repaint.ui.words import cut, plain

log = logging.getLogger(__name__)

Interaction = discord.Interaction[RepaintBot]

MENU, REPAINT = "menu", "repaint"
TITLES = {MENU: text("Repaint this image"), REPAINT: text("Repaint a picture")}
NOTHING = text(
    "I see no picture in this message that I could repaint. I take pictures, stickers that do not move, and "
    "previews of links to pictures; videos and animated Lottie stickers are left out."
)
_REF = re.compile(rf"({DRAFT})_(\d)")


class PickSelect(ui.DynamicItem[ui.Select[Any]], template=rf"pick:(?P<draft>{DRAFT})"):
    """Which of a message's pictures is to be repainted."""

    def __init__(self, draft_id: str, say: Words, posted: Posted) -> None:
        names = [cut(plain(each.filename), 80) for each in posted.pictures]
        options = [
            discord.SelectOption(label=f"{number} · {name}", value=str(number - 1))
            for number, name in enumerate(names, start=1)
        ]
        select: ui.Select[Any] = ui.Select(
            custom_id=f"pick:{draft_id}", placeholder=say("Which picture?"), options=options
        )
        super().__init__(select)
        self.draft_id = draft_id

    @classmethod
    async def from_custom_id(cls, _: Any, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        made = cls.__new__(cls)
        ui.DynamicItem.__init__(made, item)
        made.draft_id = match["draft"]
        return made

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await guarded(interaction, self._open)

    async def _open(self, interaction: Interaction) -> None:
        posted = Posted.read(await held(interaction, MENU, self.draft_id))
        check_owners(interaction.client.people, interaction.user.id, posted.owners)
        data: Any = interaction.data or {}
        number = next(iter(data.get("values") or ()), "")
        if not number.isdecimal() or int(number) >= len(posted.pictures):
            raise RequestError(sentence=GONE)
        await open_paint_form(interaction, MENU, f"{self.draft_id}_{number}")


class Repaint(commands.Cog):
    """Two ways to the same form; the rest is the runner's."""

    def __init__(self, bot: RepaintBot) -> None:
        self.bot = bot
        self.hosts = Hosts.of(discord.http.Route.BASE)
        self.menu = app_commands.ContextMenu(
            name="Repaint this image",
            callback=self.repaint_message,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
        )

    async def cog_load(self) -> None:
        """Called by discord.py."""
        self.bot.add_dynamic_items(PickSelect, ReopenButton)
        for kind, handler in ((MENU, menu_form), (REPAINT, repaint_form)):
            self.bot.forms.register(kind, forgiving(kind, TITLES[kind], handler))
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Called by discord.py."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @app_commands.command(name="repaint", description="Repaint a picture, with a form instead of options")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def repaint(self, interaction: Interaction) -> None:
        """Open the form; what cannot work here is said before anything is written."""
        self.bot.runner.check(interaction.user.id)
        check_permissions(interaction)
        await open_paint_form(interaction, REPAINT, "", paint_form.picture_field(own_words(interaction)))

    async def repaint_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Open the form for the message's picture; of several, let one be chosen first."""
        data: Any = interaction.data or {}
        raw = data["resolved"]["messages"][str(message.id)]
        found = pictures(raw, self.hosts)
        if not found:
            raise RequestError(sentence=NOTHING)
        self.bot.runner.check(interaction.user.id)
        check_permissions(interaction)
        restricted = is_age_restricted(interaction.channel)
        posted = await look_at(interaction, raw, found, age_restricted=restricted)
        check_owners(self.bot.people, interaction.user.id, posted.owners)
        draft_id = await hold(interaction, MENU, dataclasses.asdict(posted))
        if len(found) == 1:
            await open_paint_form(interaction, MENU, f"{draft_id}_0")
            return
        view = pick_view(draft_id, own_words(interaction), posted)
        view.stop()  # so that discord.py does not keep it: its menu is known by its id
        try:
            await whisper(interaction, view)
        except FAULTS as error:
            log.error("interaction %s got no answer: %r", interaction.id, error)


def pick_view(draft_id: str, say: Words, posted: Posted) -> ui.LayoutView:
    """The pictures of a message, with a menu to choose one."""
    items = [
        discord.MediaGalleryItem(each.url, description=say("Picture {n}", n=number), spoiler=each.spoiler)
        for number, each in enumerate(posted.pictures, start=1)
    ]
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(PickSelect(draft_id, say, posted))
    view = ui.LayoutView(timeout=None)
    view.add_item(
        ui.Container(
            ui.TextDisplay(say("This message has several pictures. Which one shall I repaint?")),
            ui.MediaGallery(*items),
            row,
            accent_colour=GREY,
        )
    )
    return view


async def open_paint_form(interaction: Interaction, kind: str, ref: str, *first: ui.Item[Any]) -> None:
    """The form with what this person prefers in it."""
    say = own_words(interaction)
    preferred = interaction.client.people.preferences(interaction.user.id)
    names = await offered_styles(interaction)
    fields = (
        paint_form.prompt_field(say),
        paint_form.style_field(say, names, preferred.style if preferred.style in names else ""),
        paint_form.strength_field(say),
        paint_form.advanced_field(say),
    )
    await open_form(interaction, form(kind, ref, say(TITLES[kind]), *first, *fields))


async def repaint_form(interaction: Interaction, filled: Filled) -> None:
    """The form of `/repaint`. Raises RepaintError."""
    given = painted(filled)
    if given.picture is None:
        raise RequestError(sentence=text("There is no picture. Please add one in the form."))
    check_not_empty(size=given.picture.size, width=None, height=None)
    await ask(
        interaction,
        Wish(
            picture=given.picture,
            prompt=given.prompt,
            choices=given.choices,
            style=given.style,
            private=given.private,
            spoiler=given.spoiler,
        ),
    )


async def menu_form(interaction: Interaction, filled: Filled) -> None:
    """The form of a message's menu. Raises RepaintError."""
    found = _REF.fullmatch(filled.ref)
    posted = Posted.read(await held(interaction, MENU, found[1])) if found else None
    if found is None or posted is None or int(found[2]) >= len(posted.pictures):
        raise RequestError(sentence=GONE)
    given = painted(filled)
    posted = await with_source(interaction, posted)
    picture = posted.pictures[int(found[2])]
    await ask(
        interaction,
        Wish(
            picture=picture.attachment,
            prompt=given.prompt,
            choices=given.choices,
            style=given.style,
            private=given.private,
            spoiler=given.spoiler or picture.spoiler,
            credit=posted.credit,
            owners=posted.owners,
            input_public=posted.public and posted.channel_id == interaction.channel_id,
            age_restricted=posted.age_restricted,
        ),
    )


async def setup(bot: RepaintBot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Repaint(bot))

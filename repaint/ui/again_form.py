"""A form that was refused is not lost: what was written is kept, and a button opens it once more.

It works for every form of the fields in `paint_form`, whatever its kind: the fields that were sent in say
which ones it has.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import discord
from discord import ui

from repaint.errors import PictureError, RepaintError
from repaint.models import Attachment
from repaint.ui import paint_form
from repaint.ui.asking import OPTED_OUT, STAYS_THERE
from repaint.ui.attempts import FAULTS
from repaint.ui.forms import Filled, Handler, form, open_form
from repaint.ui.held import DRAFT, held
from repaint.ui.interactions import guarded, whisper
from repaint.ui.languages import Words, own_words
from repaint.ui.notices import notice
from repaint.ui.style_names import offered_styles
from repaint.ui.words import cut, plain

if TYPE_CHECKING:
    from repaint.ui.client import RepaintBot

    Interaction: TypeAlias = discord.Interaction[RepaintBot]
else:
    Interaction = discord.Interaction

log = logging.getLogger(__name__)

AGAIN = "again"  # the sort of these drafts, and how the ref of a reopened form begins
SOON = 2.3  # seconds from the form's arrival, in which the database may answer: Discord waits for three,
LATER = 5.0  # and once it has its first response for longer
FINAL = (OPTED_OUT, STAYS_THERE)  # no other words change these
Picks = Callable[[Interaction, str], Awaitable[int]]
_REF = re.compile(rf"{AGAIN}_({DRAFT})")


class ReopenButton(ui.DynamicItem[ui.Button[Any]], template=rf"reopen:(?P<draft>{DRAFT})"):
    """Opens a refused form as it was written."""

    def __init__(self, draft_id: str, say: Words) -> None:
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label=say("Edit"), style=style, custom_id=f"reopen:{draft_id}"))
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
        draft = await held(interaction, AGAIN, self.draft_id)
        fields = _fields(draft, own_words(interaction), await offered_styles(interaction))
        await open_form(interaction, form(draft["kind"], f"{AGAIN}_{self.draft_id}", draft["title"], *fields))


def forgiving(
    kind: str, title: str, handler: Handler, *, picks: Picks | None = None, is_filled: bool = False
) -> Handler:
    """A handler for `Forms.register` that keeps what was written where `handler` refuses it.

    `title` is the form's, translatable. The handler gets a reopened form like the first one: with the same
    ref, and with the picture that was uploaded then, unless there is another one. `picks` tells how many
    pictures a form about `ref` lets choose from, if it does; `is_filled` as of `style_field`. Where the
    database does not keep the form in time, the refusal is all that is said.
    """

    async def handle(interaction: Interaction, filled: Filled) -> None:
        began = time.monotonic()
        if reopened := _REF.fullmatch(filled.ref):
            filled = _restored(filled, await held(interaction, AGAIN, reopened[1]))
        try:
            await handler(interaction, filled)
        except RepaintError as error:
            if error.sentence in FINAL:
                raise
            document = _document(kind, own_words(interaction)(title), filled, error)
            document["is_filled"] = is_filled
            limit = LATER if interaction.response.is_done() else began + SOON - time.monotonic()
            try:
                async with asyncio.timeout(limit):
                    document["picks"] = await picks(interaction, filled.ref) if picks is not None else 0
                    draft_id = await interaction.client.drafts.keep(
                        interaction.user.id, document | {"of": AGAIN}
                    )
            except (TimeoutError, RepaintError) as trouble:
                log.warning("interaction %s: its form is lost: %r", interaction.id, trouble)
                raise error from trouble
            await _refused(interaction, draft_id, error)

    return handle


def _document(kind: str, title: str, filled: Filled, error: RepaintError) -> dict[str, Any]:
    """All that is needed to open the form once more; a picture that was refused is not."""
    picture = None if isinstance(error, PictureError) else filled.picture("picture")
    return {
        "kind": kind,
        "ref": filled.ref,
        "title": title,
        "values": {name: filled.choice(name) or "" for name in filled.values if name != "picture"},
        "uploads": "picture" in filled.values,
        "optional": not filled.choice("picture"),  # it was sent in without one
        "picture": dataclasses.asdict(picture) if picture else None,
    }


async def _refused(interaction: Interaction, draft_id: str, error: RepaintError) -> None:
    """Say why, with the button."""
    say = own_words(interaction)
    log.info("interaction %s refused, its form is kept: %s", interaction.id, error)
    view = notice(say(error.sentence))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ReopenButton(draft_id, say))
    view.add_item(row)
    view.stop()  # so that discord.py does not keep it: its button is known by its id
    try:
        await whisper(interaction, view)
    except FAULTS as problem:
        log.warning("%s could not be told: %s", error.sentence, problem)


def _restored(filled: Filled, draft: Mapping[str, Any]) -> Filled:
    """As if it were the first form: its ref, and its picture where there is no other one."""
    values, attachments = dict(filled.values), dict(filled.attachments)
    if filled.picture("picture") is None and draft["picture"] is not None:
        values["picture"] = ["kept"]
        attachments["kept"] = Attachment(**draft["picture"])
    return Filled(draft["ref"], values, attachments)


def _fields(draft: Mapping[str, Any], say: Words, styles: list[str]) -> list[ui.Item[Any]]:
    """The fields as they were filled in, in the order in which all forms have them."""
    values: Mapping[str, str] = draft["values"]
    made: list[ui.Item[Any]] = []
    if draft["uploads"]:
        made.append(_upload(draft["picture"], say, required=not draft["optional"]))
    if "picked" in values:
        made.append(_picked(paint_form.pick_field(say, max(1, draft["picks"])), values["picked"]))
    if "prompt" in values:
        made.append(paint_form.prompt_field(say, values["prompt"]))
    if "style" in values:
        current = _chosen(values["style"])
        made.append(paint_form.style_field(say, styles, current, is_filled=draft.get("is_filled", False)))
    if "strength" in values:
        made.append(paint_form.strength_field(say, paint_form.within(_chosen(values["strength"]))))
    if "advanced" in values:
        made.append(_with_lines(paint_form.advanced_field(say), values["advanced"]))
    return made


def _upload(kept: Mapping[str, Any] | None, say: Words, *, required: bool) -> ui.Item[Any]:
    if kept is None:
        return paint_form.picture_field(say, required=required)
    detail = say("Optional: another picture than {name}", name=cut(plain(kept["filename"]), 40))
    return paint_form.picture_field(say, required=False, detail=detail)


def _picked(label: ui.Label[Any], value: str) -> ui.Label[Any]:
    select = cast("ui.Select[Any]", label.component)
    for option in select.options:
        option.default = option.value == value
    return label


def _with_lines(label: ui.Label[Any], lines: str) -> ui.Label[Any]:
    """The field with these lines, which need not be right."""
    cast("ui.TextInput[Any]", label.component).default = lines or None
    return label


def _chosen(value: str) -> str:
    """What was chosen; empty where nothing was."""
    return "" if value == paint_form.AS_USUAL else value[: paint_form.OPTION_TEXT]

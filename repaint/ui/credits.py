"""Whose picture was repainted, as it is said below the result."""

from __future__ import annotations

from repaint.models import Credit
from repaint.ui.languages import Words


def credited(say: Words, credit: Credit) -> str:
    """One line. A mention in a card pings nobody."""
    link = f"[{say('message')}]({credit.url})"
    if credit.author_id is None:
        return say("from a forwarded picture · {link}", link=link)
    return say("from a picture by {author} · {link}", author=f"<@{credit.author_id}>", link=link)

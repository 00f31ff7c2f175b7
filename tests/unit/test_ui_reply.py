"""What follows a failed edit of a reply."""

import pytest

from repaint.ui.reply import Verdict, judge


@pytest.mark.parametrize(
    ("status", "code", "options", "verdict"),
    [
        (None, 0, {}, Verdict.AGAIN),  # no connection
        (500, 0, {}, Verdict.AGAIN),
        (503, 0, {}, Verdict.AGAIN),
        (429, 0, {}, Verdict.AGAIN),
        (401, 50027, {}, Verdict.BY_BOT),  # the token's fifteen minutes are over
        (404, 10015, {}, Verdict.BY_BOT),
        (401, 0, {}, Verdict.BY_BOT),
        (401, 0, {"by_bot": True}, Verdict.GIVE_UP),  # the bot's own token is refused
        (404, 10008, {}, Verdict.GIVE_UP),  # somebody deleted the reply
        (404, 10003, {"by_bot": True}, Verdict.GIVE_UP),  # the channel is gone
        (403, 50001, {"by_bot": True}, Verdict.GIVE_UP),
        (403, 50013, {"by_bot": True}, Verdict.GIVE_UP),
        (400, 200000, {}, Verdict.HIDE_PROMPT),
        (400, 200001, {"by_bot": True}, Verdict.HIDE_PROMPT),
        (400, 200000, {"prompt_shown": False}, Verdict.GIVE_UP),
        (413, 40005, {"has_files": True}, Verdict.SMALLER),
        (413, 0, {"has_files": True}, Verdict.SMALLER),  # a proxy's HTML
        (400, 40005, {"has_files": True}, Verdict.SMALLER),
        (413, 0, {}, Verdict.GIVE_UP),
        (400, 50035, {"has_files": True}, Verdict.GIVE_UP),
    ],
)
def test_verdicts(status: int | None, code: int, options: dict[str, bool], verdict: Verdict) -> None:
    given = {"by_bot": False, "prompt_shown": True, "has_files": False} | options
    assert judge(status, code, **given) is verdict

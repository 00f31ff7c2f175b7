"""Nothing that grants access stands in the log."""

import logging

from repaint.logs import WithoutSecrets


def line(message: str, *arguments: object) -> str:
    record = logging.LogRecord("discord", logging.INFO, "", 0, message, arguments, None)
    return WithoutSecrets("bot-secret", "").format(record)


def test_tokens_in_addresses_are_masked() -> None:
    shown = line("PATCH %s", "https://discord.com/api/v10/webhooks/1/aW50ZXJhY3Rpb24/messages/@original")
    assert "aW50ZXJhY3Rpb24" not in shown
    assert "/webhooks/1/…/messages/@original" in shown
    assert "token" not in line("POST /interactions/12/token/callback?with_response=1").split("12/")[1]


def test_secrets_are_masked_wherever_they_stand() -> None:
    assert "bot-secret" not in line("header %r", {"Authorization": "Bot bot-secret"})


def test_tokens_in_gateway_events_are_masked() -> None:
    shown = line("received %s", {"t": "INTERACTION_CREATE", "d": {"token": "aW50ZXJhY3Rpb24", "id": "1"}})
    assert "aW50ZXJhY3Rpb24" not in shown
    assert "'id': '1'" in shown


def test_the_rest_is_as_it_was() -> None:
    assert line("job %s done", 5).endswith("discord: job 5 done")

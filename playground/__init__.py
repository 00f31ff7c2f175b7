"""A stand-in for Discord on this machine: gateway, REST v10, files, and a person's side to drive them.

It enforces what Discord enforces, so that a bot that behaves here behaves there. Run it with
``python -m playground``. It knows nothing of the bot: whatever speaks Discord's protocols can connect.
"""

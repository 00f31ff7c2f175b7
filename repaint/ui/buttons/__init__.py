"""The buttons on cards."""

from __future__ import annotations

from repaint.ui.buttons.base import Button, JobButton
from repaint.ui.buttons.ends import TOLD, CancelButton, DeleteButton, RetryAnywayButton, RetryButton
from repaint.ui.buttons.forms import AdjustButton, ContinueButton, SeedButton, register_forms
from repaint.ui.buttons.looks import CompareButton
from repaint.ui.buttons.more import AgainButton, SofterButton, StrongerButton
from repaint.ui.buttons.share import ShareButton

BUTTONS = (
    CancelButton,
    RetryButton,
    DeleteButton,
    AgainButton,
    SofterButton,
    StrongerButton,
    AdjustButton,
    ContinueButton,
    SeedButton,
    CompareButton,
    ShareButton,
)
"""All kinds, for discord.py to find them by their ids. One that only looks otherwise is not among them."""

__all__ = [
    "BUTTONS",
    "TOLD",
    "AdjustButton",
    "AgainButton",
    "Button",
    "CancelButton",
    "CompareButton",
    "ContinueButton",
    "DeleteButton",
    "JobButton",
    "RetryAnywayButton",
    "RetryButton",
    "SeedButton",
    "ShareButton",
    "SofterButton",
    "StrongerButton",
    "register_forms",
]

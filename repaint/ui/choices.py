"""What somebody chose besides the prompt."""

from __future__ import annotations

import dataclasses

from repaint.models import Request


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """None: whatever the style, the preferences or the defaults say. Ranges as in `Request`."""

    negative_prompt: str | None = None
    strength: float | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    samples: int | None = None
    sampler: str | None = None
    scheduler: str | None = None

    @classmethod
    def of(cls, request: Request) -> Choices:
        """All that a request holds, chosen."""
        return cls(**{field.name: getattr(request, field.name) for field in dataclasses.fields(cls)})


NOTHING_CHOSEN = Choices()

"""Moods: light, season, weather and colour, laid over a picture.

They tint and light what is there. Snow, rain, stars and sparks are texture over the whole picture; nothing
knows where a sky or a face is.
"""

from embedded.preview.moods.grades import Mood, bright, dark, muted, pastel, sharp, soft, tint, vivid
from embedded.preview.moods.seasons import autumn, fog, night, rain, spring, summer, sunrise, sunset, winter
from embedded.preview.moods.worlds import (
    cinematic,
    cyberpunk,
    dreamy,
    fire,
    horror,
    noir,
    psychedelic,
    space,
    steampunk,
    underwater,
)

__all__ = ["MOODS", "Mood", "tint"]

MOODS: dict[str, Mood] = {
    mood.__name__: mood
    for mood in (
        night, sunset, sunrise, winter, autumn, spring, summer, rain, fog,
        underwater, cyberpunk, noir, fire, space, dreamy, horror, psychedelic, cinematic, steampunk,
        pastel, vivid, muted, bright, dark, sharp, soft,
    )
}  # fmt: skip
"""By the names in `words.MOODS`."""

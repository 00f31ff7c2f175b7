"""How far a picture goes toward its repainted form: strength and guidance."""

import math

import cv2
import numpy as np

from embedded.preview.filters import Picture, as_picture

USUAL_GUIDANCE = 7.5
"""Guidance at which the repainted form is reproduced as it is."""


def guidance_factor(guidance: float) -> float:
    """Return how strongly the difference to the input counts: about 0.5 at 1, 1 at 7.5, 1.5 at 20."""
    if guidance <= USUAL_GUIDANCE:
        return 0.2 + 0.8 * math.sqrt(max(guidance, 0) / USUAL_GUIDANCE)
    return 1 + 0.6 * math.tanh((guidance - USUAL_GUIDANCE) / 10)


def freedom(strength: float) -> float:
    """Return how freely the repainted form itself is made: 0 up to strength 0.5, about 0.25 at 0.7, 1 at 1.

    This is what the last part of strength changes: broader strokes and washes, stronger colours.
    """
    return float(min(max((strength - 0.5) / 0.5, 0), 1) ** 1.5)


def octave_weights(strength: float, octaves: int) -> list[float]:
    """Return how far each octave goes toward the target, the finest first; each grows with strength.

    Fine detail moves first: it is all there at strength 0.45. The coarsest octave, which holds colour and
    composition, starts at 0.08, is about 0.6 there at 0.5 and complete at 1.
    """
    weights = []
    for octave in range(octaves):
        coarseness = octave / max(octaves - 1, 1)
        start, end = 0.08 * coarseness, 0.45 + 0.55 * coarseness
        t = min(max((strength - start) / (end - start), 0.0), 1.0)
        weights.append(1 - (1 - t) ** 1.5)
    return weights


def blend(picture: Picture, target: Picture, strength: float, guidance: float) -> Picture:
    """Move `picture` toward `target`, octave by octave of the difference between them.

    A plain cross-fade looks like a faded overlay at middle strengths; this looks like a sketch over the
    input. Guidance above the usual exaggerates the coarse octaves alone: exaggerated fine ones show ghosts of
    the input's edges. The result stays within 0 to 1.
    """
    octaves = max(1, int(math.log2(max(*picture.shape[:2], 8))) - 2)
    factor = guidance_factor(guidance)
    weights = octave_weights(strength, octaves)
    levels = [as_picture(target - picture)]
    for _ in weights[1:]:
        levels.append(as_picture(cv2.pyrDown(levels[-1])))
    moved = levels[-1] * (weights[-1] * factor)
    for octave in range(octaves - 2, -1, -1):
        size = levels[octave].shape[1], levels[octave].shape[0]
        coarser = cv2.pyrUp(levels[octave + 1], dstsize=size)
        strongest = 1.0 if octave < octaves / 2 else factor
        weight = weights[octave] * min(factor, strongest)
        moved = cv2.pyrUp(moved, dstsize=size) + (levels[octave] - coarser) * weight
    return compress(as_picture(picture + moved), factor - 1)


def compress(picture: Picture, excess: float) -> Picture:
    """Bring values back into 0 to 1 by bending the ends of the range, more for a larger `excess`."""
    if excess <= 0:
        return as_picture(np.clip(picture, 0, 1))
    room = 0.25 * min(excess, 1)  # the part of the range at each end that bends
    high = 1 - room + room * np.tanh((picture - (1 - room)) / room)
    low = room - room * np.tanh((room - picture) / room)
    return as_picture(np.where(picture > 1 - room, high, np.where(picture < room, low, picture)).clip(0, 1))

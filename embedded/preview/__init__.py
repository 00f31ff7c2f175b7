"""The preview engine: a stand-in for an image model that runs on any processor. Not Stable Diffusion.

It restyles the picture that it is given with filters chosen by the prompt's words. It understands styles,
moods and colours (see `words`), never adds an object, and answers an unknown prompt with a painting in a tint
of its own.

NumPy, OpenCV and Pillow are imported with `painter` alone: the server reads `words`, and does without them.
"""

from embedded.engine import Paint, preview

__all__ = ["paint"]


def paint(request: Paint) -> bytes:
    """Return the repainted picture as PNG: see `painter.paint`."""
    return preview(request)

"""From a picture's metadata to the recipe that they tell."""

from __future__ import annotations

from pathlib import Path

from repaint.pictures.graphs import from_prompt, from_workflow
from repaint.pictures.infotexts import from_infotext
from repaint.pictures.recipes import Recipe
from repaint.pictures.texts import texts

# The plainest first: some ComfyUI nodes write all three.
_READERS = {"parameters": from_infotext, "prompt": from_prompt, "workflow": from_workflow}


def read(source: Path) -> Recipe | None:
    """See repaint.pictures.recipe."""
    found = texts(source)
    for keyword, reader in _READERS.items():
        recipe = reader(found[keyword]) if keyword in found else None
        if recipe is not None:
            return recipe
    return None

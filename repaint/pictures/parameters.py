"""The parameters of a picture as text, in the form that image tools know from the Stable Diffusion web UI."""

from __future__ import annotations

import json

from repaint.models import Request


def parameters_text(request: Request, *, size: tuple[int, int], model: str) -> str:
    """The `parameters` text of a picture of `size` (width, height in pixels), made by `model`.

    Prompt, then a line `Negative prompt: …`, then one line of `Name: value` pairs; the prompts go in as they
    are and may have several lines.
    Form: AUTOMATIC1111/stable-diffusion-webui, `create_infotext` in modules/processing.py.
    """
    pairs = {
        "Steps": request.steps,
        "Sampler": request.sampler,
        "Schedule type": request.scheduler,
        "CFG scale": _number(request.guidance),
        "Seed": request.seed,
        "Size": f"{size[0]}x{size[1]}",
        "Denoising strength": _number(request.strength),
        "Model": model,
    }
    lines = [request.prompt]
    if request.negative_prompt:
        lines.append(f"Negative prompt: {request.negative_prompt}")
    lines.append(", ".join(f"{name}: {_quoted(str(value))}" for name, value in pairs.items()))
    return "\n".join(lines)


def _number(value: float) -> str:
    return str(value).removesuffix(".0")


def _quoted(value: str) -> str:
    """As that web UI quotes: as JSON, and only where a reader would otherwise cut the value short."""
    if any(character in value for character in ',\n:"'):
        return json.dumps(value, ensure_ascii=False)
    return value

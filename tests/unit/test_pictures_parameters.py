"""The parameters' text: readable by the tools that know the web UI's form, whatever is in the prompts."""

from __future__ import annotations

import json
import re

from hypothesis import assume, example, given
from hypothesis import strategies as st

from repaint.models import SAMPLERS, SCHEDULERS, Request
from repaint.pictures import parameters_text


def parsed(text: str) -> tuple[str, str, dict[str, str]]:
    """Prompt, negative prompt, pairs: a reader of the form, written independently of the writer."""
    head, last = text.rsplit("\n", 1)
    prompt, _, negative = head.partition("\nNegative prompt: ")
    pairs = {}
    for name, value in re.findall(r'([\w ]+): ("(?:\\.|[^\\"])*"|[^,]*)(?:, |$)', last):
        pairs[name] = json.loads(value) if value.startswith('"') else value
    return prompt, negative, pairs


def test_the_text_is_in_the_form_of_the_web_ui() -> None:
    request = Request(prompt="a fox\nin snow", seed=7, negative_prompt="blurry, dark")
    assert parameters_text(request, size=(1024, 768), model="sd3-med-img2img") == (
        "a fox\n"
        "in snow\n"
        "Negative prompt: blurry, dark\n"
        "Steps: 20, Sampler: dpmpp_2m, Schedule type: sgm_uniform, CFG scale: 5, Seed: 7, Size: 1024x768, "
        "Denoising strength: 0.7, Model: sd3-med-img2img"
    )


def test_no_negative_prompt_no_line_for_it() -> None:
    text = parameters_text(Request(prompt="a", seed=1, negative_prompt=""), size=(64, 64), model="m")
    assert text.startswith("a\nSteps: 20, ")


def test_a_model_with_a_comma_is_quoted() -> None:
    model = 'preview engine, not "Stable Diffusion"'
    text = parameters_text(Request(prompt="a", seed=1), size=(64, 64), model=model)
    assert text.endswith(r'Model: "preview engine, not \"Stable Diffusion\""')
    assert parsed(text)[2]["Model"] == model


requests = st.builds(
    Request,
    prompt=st.text(),
    seed=st.integers(-(2**63), 2**63),
    negative_prompt=st.text(),
    strength=st.floats(0, 1),
    steps=st.integers(1, 100),
    guidance=st.floats(1, 20),
    sampler=st.sampled_from(SAMPLERS),
    scheduler=st.sampled_from(SCHEDULERS),
)
models = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


@example(request=Request(prompt="", seed=0, negative_prompt=""), size=(1, 1), model='"')
@example(request=Request(prompt="\n", seed=0, negative_prompt="\n"), size=(1, 1), model="two\nlines, 1: a")
@given(request=requests, size=st.tuples(st.integers(1, 9999), st.integers(1, 9999)), model=models)
def test_what_was_written_can_be_read_again(request: Request, size: tuple[int, int], model: str) -> None:
    assume("\nNegative prompt: " not in request.prompt)  # the form cannot tell that from the line itself
    prompt, negative, pairs = parsed(parameters_text(request, size=size, model=model))
    assert prompt == request.prompt
    assert negative == request.negative_prompt
    assert int(pairs["Steps"]) == request.steps
    assert pairs["Sampler"] == request.sampler
    assert pairs["Schedule type"] == request.scheduler
    assert float(pairs["CFG scale"]) == request.guidance
    assert int(pairs["Seed"]) == request.seed
    assert pairs["Size"] == f"{size[0]}x{size[1]}"
    assert float(pairs["Denoising strength"]) == request.strength
    assert pairs["Model"] == model

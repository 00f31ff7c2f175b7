"""Recipes in pictures: our own, those of the web UIs and of ComfyUI, and files that mean no good."""

from __future__ import annotations

import dataclasses
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from repaint import pictures
from repaint.errors import PictureEmpty, PictureUnreadable, StorageError
from repaint.jobs.studio import Studio
from repaint.models import MODEL, SAMPLERS, SCHEDULERS, SEED_LIMIT, Request
from repaint.pictures import Recipe
from repaint.pictures.graphs import from_prompt, from_workflow
from repaint.pictures.infotexts import from_infotext
from repaint.pictures.metadata import exif
from repaint.workers import PictureWorkers
from tests.unit.picture_samples import corners, encoded, every_format, no_pictures, png_chunk, write

A1111 = (
    "a fox, (snow:1.2) <lora:detail:0.8>\nsecond line\n"
    "Negative prompt: blurry,\ndark\n"
    "Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 965400086, Size: 512x768, "
    "Model hash: 45dee52b, Model: some_model, Denoising strength: 0.55, Clip skip: 2, "
    'Lora hashes: "detail: ab", Version: v1.9.4'
)
GRAPH: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            **{"seed": 42, "steps": 25, "cfg": 6.5, "sampler_name": "dpmpp_2m_sde", "scheduler": "karras"},
            **{"denoise": 0.6, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0]},
            "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x.safetensors"}},
    "5": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox in snow", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
    "10": {"class_type": "LoadImage", "inputs": {"image": "in.png"}},
}
FOX = Recipe(
    prompt="a fox in snow",
    negative_prompt="blurry",
    strength=0.6,
    steps=25,
    guidance=6.5,
    seed=42,
    sampler="dpmpp_2m_sde",
    scheduler="karras",
    source="comfyui",
    ignored=("Model",),
)


def png(**chunks: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    for keyword, text in chunks.items():
        info.add_text(keyword, text)
    return encoded(corners(), "PNG", pnginfo=info)


def with_chunk(name: bytes, body: bytes) -> bytes:
    plain = encoded(corners(), "PNG")
    return plain[:33] + png_chunk(name, body) + plain[33:]


def read(folder: Path, data: bytes) -> Recipe | None:
    return pictures.recipe(write(folder, data, "source"))


def changed(graph: dict[str, Any], **nodes: Any) -> Recipe | None:
    """The recipe of a graph with these nodes (`n6` is number 6) put in."""
    return from_prompt(json.dumps(graph | {name.removeprefix("n"): node for name, node in nodes.items()}))


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


# Our own --------------------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)
requests = st.builds(
    Request,
    prompt=st.one_of(words, st.just("a\nSteps: 3, Sampler: Euler, Seed: 4\nb"), st.just(A1111)),
    seed=st.integers(0, SEED_LIMIT - 1),
    negative_prompt=words,
    strength=st.floats(0, 1),
    steps=st.integers(1, 100),
    guidance=st.floats(1, 20),
    sampler=st.sampled_from(SAMPLERS),
    scheduler=st.sampled_from(SCHEDULERS),
)


def same(recipe: Recipe | None, request: Request) -> bool:
    names = [field.name for field in dataclasses.fields(Recipe) if field.name not in ("source", "ignored")]
    assert recipe
    assert (recipe.source, recipe.ignored) == ("repaint", ())
    return all(getattr(recipe, name) == getattr(request, name) for name in names)


@given(request=requests)
def test_our_own_text_gives_the_request_back(request: Request) -> None:
    assume("\nNegative prompt: " not in request.negative_prompt)
    assume(request.negative_prompt or "\nNegative prompt: " not in request.prompt)
    text = pictures.parameters_text(request, size=(64, 64), model=MODEL)
    assert same(from_infotext(text), request)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(request=requests, form=st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_our_own_pictures_give_the_request_back(tmp_path: Path, request: Request, form: str) -> None:
    assume("\nNegative prompt: " not in request.negative_prompt)
    assume(request.negative_prompt or "\nNegative prompt: " not in request.prompt)
    made = pictures.finish(
        write(tmp_path, encoded(corners(), form)), tmp_path / "out", request=request, limit=10**7
    )
    assert same(pictures.recipe(made.picture.path), request)


def test_another_model_than_ours_is_named() -> None:
    text = pictures.parameters_text(Request("a", 1), size=(1, 1), model="preview, not SD")
    recipe = from_infotext(text)
    assert recipe
    assert (recipe.source, recipe.ignored) == ("repaint", ("Model",))


# The web UIs ----------------------------------------------------------------------------------------------


def test_a_text_of_the_web_ui_is_read() -> None:
    assert from_infotext(A1111) == Recipe(
        prompt="a fox, (snow:1.2)\nsecond line",
        negative_prompt="blurry,\ndark",
        strength=0.55,
        steps=30,
        guidance=7.5,
        seed=965400086,
        sampler="dpmpp_2m",
        scheduler="karras",
        source="a1111",
        ignored=("LoRA", "Model", "Clip skip"),
    )


@pytest.mark.parametrize(
    ("told", "sampler", "scheduler"),
    [
        ("Sampler: DPM++ 2M Karras", "dpmpp_2m", "karras"),
        ("Sampler: DPM++ 2M SDE Exponential", "dpmpp_2m_sde", "exponential"),
        ("Sampler: DPM++ 3M SDE SGM Uniform", "dpmpp_3m_sde", "sgm_uniform"),
        ("Sampler: Euler a", "euler_ancestral", None),
        ("Sampler: DPM++ SDE", "dpmpp_sde", None),
        ("Sampler: DPM2 a Karras", "dpm_2_ancestral", "karras"),
        ("Sampler: UniPC", "uni_pc", None),
        ("Sampler: DDIM", "ddim", None),
        ("Sampler: LCM", "lcm", None),
        ("Sampler: DPM++ 2M, Schedule type: Karras", "dpmpp_2m", "karras"),
        ("Sampler: DPM++ 2M, Schedule type: SGM Uniform", "dpmpp_2m", "sgm_uniform"),
        ("Sampler: DPM++ 2M, Schedule type: Automatic", "dpmpp_2m", None),
        ("Sampler: Euler, Schedule type: DDIM", "euler", "ddim_uniform"),
    ],
)
def test_samplers_have_our_names(told: str, sampler: str, scheduler: str | None) -> None:
    recipe = from_infotext(f"a\nSteps: 20, {told}, Seed: 1")
    assert recipe
    assert (recipe.sampler, recipe.scheduler, recipe.ignored) == (sampler, scheduler, ())


def test_what_has_no_counterpart_is_named() -> None:
    recipe = from_infotext("a\nSteps: 20, Sampler: Restart, Schedule type: Beta, Seed: 1, VAE: x, ENSD: 3")
    assert recipe
    assert (recipe.sampler, recipe.scheduler) == (None, None)
    assert recipe.ignored == ("Sampler: Restart", "Schedule type: Beta", "VAE", "ENSD")


def test_values_are_brought_into_our_ranges() -> None:
    recipe = from_infotext("a\nSteps: 500, CFG scale: 0.5, Seed: 4294967296, Denoising strength: 1.5")
    assert recipe
    assert (recipe.steps, recipe.guidance, recipe.seed, recipe.strength) == (100, 1, None, 1)
    assert recipe.ignored == ("Seed",)


def test_a_random_seed_is_none() -> None:
    recipe = from_infotext("a\nSteps: 20, Seed: -1")
    assert recipe
    assert (recipe.seed, recipe.ignored) == (None, ("Seed",))


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "9" * 5000, "many", ""])
def test_values_that_are_no_numbers_are_named(value: str) -> None:
    recipe = from_infotext(f"a\nSteps: {value}, Sampler: Euler, CFG scale: {value}, Seed: {value}, Size: 1x1")
    assert recipe
    assert (recipe.steps, recipe.guidance, recipe.seed) == (None, None, None)
    assert set(recipe.ignored) == {"Steps", "CFG scale", "Seed"}


def test_the_strength_of_a_second_pass_is_not_that_of_the_picture() -> None:
    recipe = from_infotext("a\nSteps: 20, Seed: 1, Denoising strength: 0.4, Hires upscale: 2")
    assert recipe
    assert recipe.strength is None
    assert recipe.ignored == ("Denoising strength", "Hires upscale")


def test_settings_are_sought_from_the_end() -> None:
    fake = "Steps: 1, Sampler: LMS, CFG scale: 2, Seed: 3"
    recipe = from_infotext(f"a\n{fake}\nb, Steps: 9\nSteps: 20, Sampler: Euler, Seed: 7\nTemplate: a, b")
    assert recipe
    assert (recipe.prompt, recipe.steps, recipe.seed) == (f"a\n{fake}\nb, Steps: 9", 20, 7)


def test_values_with_commas_do_not_spill_over() -> None:
    recipe = from_infotext(
        'a\nSteps: 20, Seed: 1, Note: "x, CFG scale: 3 \\" y", '
        'Civitai resources: [{"a": 1, "Seed": 2}], CFG scale: 4'
    )
    assert recipe
    assert (recipe.guidance, recipe.seed, recipe.ignored) == (4, 1, ("Note", "Civitai resources"))


@pytest.mark.parametrize("text", ["", "a fox", "Steps: 3", '{"prompt": "x"}', "\n\n", "a: b, c: d, e: f"])
def test_a_text_without_settings_has_no_recipe(text: str) -> None:
    assert from_infotext(text) is None


def test_a_text_may_have_no_prompt() -> None:
    recipe = from_infotext("Negative prompt: x\nSteps: 20, Seed: 1")
    assert recipe
    assert (recipe.prompt, recipe.negative_prompt) == ("", "x")


def test_references_to_loras_leave_no_holes() -> None:
    recipe = from_infotext("<lora:a:1>, a fox, <lora:b:1>, snow <hypernet:c:1>\nSteps: 20, Seed: 1")
    assert recipe
    assert (recipe.prompt, recipe.ignored) == ("a fox, snow", ("LoRA",))


# Where texts stand ----------------------------------------------------------------------------------------

UTF16 = "ein Füchslein 🦊\nSteps: 20, Sampler: Euler a, Seed: 5"


def test_every_text_chunk_is_read(tmp_path: Path) -> None:
    text = "é\nSteps: 20, Seed: 5"
    packed = b"parameters\0\0" + zlib.compress(text.encode("latin-1"))
    international = b"parameters\0\1\0de\0Werte\0" + zlib.compress(text.encode())
    for name, body in (
        (b"tEXt", b"parameters\0" + text.encode("latin-1")),
        (b"zTXt", packed),
        (b"iTXt", international),
        (b"iTXt", b"parameters\0\0\0\0\0" + text.encode()),
        (b"eXIf", exif(text)),
    ):
        recipe = read(tmp_path, with_chunk(name, body))
        assert recipe
        assert (recipe.prompt, recipe.seed) == ("é", 5)


def exif_block(order: str, comment: bytes) -> bytes:
    start = 8 + 2 + 12 + 4
    first = struct.pack(order + "HHHIII", 1, 0x8769, 4, 1, start, 0)
    second = struct.pack(order + "HHHIII", 1, 0x9286, 7, len(comment), start + 2 + 12 + 4, 0)
    return {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8) + first + second + comment


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + UTF16.encode("utf-16-le"),
        b"UNICODE\0" + UTF16.encode("utf-16-be"),
        b"UNICODE\0" + UTF16.encode("utf-16"),  # with a mark
        b"ASCII\0\0\0" + UTF16.encode(),
        bytes(8) + UTF16.encode() + b"\0",
        UTF16.encode(),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_every_encoding_of_a_comment_is_read(tmp_path: Path, order: str, comment: bytes, form: str) -> None:
    recipe = read(tmp_path, encoded(corners(), form, exif=b"Exif\0\0" + exif_block(order, comment)))
    assert recipe
    assert (recipe.prompt, recipe.seed, recipe.sampler) == ("ein Füchslein 🦊", 5, "euler_ancestral")


def test_comfyui_writes_into_exif_too(tmp_path: Path) -> None:
    block = Image.Exif()
    block[0x0110] = f"prompt:{json.dumps(GRAPH)}"
    block[0x010F] = 'workflow:{"nodes": []}'
    assert read(tmp_path, encoded(corners(), "WEBP", exif=block)) == FOX


def test_the_plainest_text_is_taken(tmp_path: Path) -> None:
    graph = json.dumps(GRAPH)
    assert read(tmp_path, png(prompt=graph)) == FOX
    taken = read(tmp_path, png(prompt=graph, parameters=A1111))
    assert taken
    assert taken.source == "a1111"
    assert read(tmp_path, png(prompt=graph, parameters="nothing of use")) == FOX


@pytest.mark.parametrize("name", sorted(every_format()))
def test_a_picture_without_a_recipe_has_none(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, every_format()[name]) is None


@pytest.mark.timeout(15)  # half a minute and more where each broken list is looked for from the beginning
def test_many_broken_values_do_not_take_long() -> None:
    assert from_infotext("a\n" + "\n".join(["a:[1," * 39_000] * 20)) is None


@pytest.mark.parametrize("name", sorted(no_pictures()))
def test_what_is_no_picture_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(PictureUnreadable):
        read(tmp_path, no_pictures()[name])


def test_empty_and_missing_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(PictureEmpty):
        read(tmp_path, b"")
    with pytest.raises(StorageError):
        pictures.recipe(tmp_path / "gone.png")


# ComfyUI --------------------------------------------------------------------------------------------------


def test_a_graph_is_read() -> None:
    assert from_prompt(json.dumps(GRAPH)) == FOX
    assert from_prompt(json.dumps({"prompt": GRAPH})) == FOX


def test_prompts_are_found_through_other_nodes() -> None:
    recipe = changed(
        GRAPH,
        n6=node("ControlNetApplyAdvanced", positive=["20", 0], negative=["7", 0], control_net=["30", 0]),
        n20=node("ConditioningCombine", conditioning_1=["21", 0], conditioning_2=["22", 0]),
        n21=node("CLIPTextEncodeSDXL", text_g=["23", 0], text_l=["23", 0], clip=["4", 1]),
        n22=node("CLIPTextEncode", text="at night", clip=["4", 1]),
        n23=node("PrimitiveString", value="a fox"),
        n7=node("ConditioningZeroOut", conditioning=["20", 0]),
    )
    assert recipe
    assert (recipe.prompt, recipe.negative_prompt) == ("a fox, at night", "")
    assert "ControlNet" in recipe.ignored


def test_linked_numbers_are_found() -> None:
    inputs = GRAPH["3"]["inputs"] | {"seed": ["20", 0], "steps": ["21", 0], "cfg": ["22", 0]}
    recipe = changed(
        GRAPH,
        n3=node("KSampler", **inputs),
        n20=node("Seed (rgthree)", seed=77),
        n21=node("Reroute", **{"": ["23", 0]}),
        n22=node("PrimitiveFloat", value=3.5),
        n23=node("PrimitiveInt", value=12),
    )
    assert recipe
    assert (recipe.seed, recipe.steps, recipe.guidance) == (77, 12, 3.5)


def test_custom_samplers_are_read() -> None:
    recipe = from_prompt(
        json.dumps(
            {
                "1": node(
                    "SamplerCustomAdvanced",
                    **{"noise": ["2", 0], "guider": ["3", 0], "sampler": ["4", 0], "sigmas": ["5", 0]},
                    latent_image=["8", 0],
                ),
                "2": node("RandomNoise", noise_seed=9),
                "3": node("CFGGuider", cfg=4, positive=["6", 0], negative=["7", 0], model=["9", 0]),
                "4": node("KSamplerSelect", sampler_name="euler_cfg_pp"),
                "5": node("SplitSigmas", sigmas=["10", 0], step=0),
                "6": node("CLIPTextEncodeSD3", clip_l="a fox", clip_g="a fox", t5xxl="a red fox"),
                "7": node("CLIPTextEncode", text=""),
                "8": node("EmptySD3LatentImage", width=1),
                "10": node("BasicScheduler", scheduler="beta", steps=8, denoise=1.0),
            }
        )
    )
    assert recipe == Recipe(
        prompt="a fox, a red fox",
        negative_prompt="",
        steps=8,
        guidance=4,
        seed=9,
        sampler="euler_pp",
        source="comfyui",
        ignored=("scheduler: beta",),
    )


def test_karras_has_a_node_of_its_own() -> None:
    recipe = changed(
        GRAPH,
        n3=node("SamplerCustom", noise_seed=1, cfg=2, positive=["6", 0], negative=["7", 0], sigmas=["20", 0]),
        n20=node("KarrasScheduler", steps=11),
    )
    assert recipe
    assert (recipe.scheduler, recipe.steps, recipe.seed) == ("karras", 11, 1)


def test_a_later_start_is_less_strength() -> None:
    inputs = {"noise_seed": 5, "steps": 20, "start_at_step": 5, "end_at_step": 10000, "cfg": 7}
    recipe = changed(GRAPH, n3=node("KSamplerAdvanced", **inputs, latent_image=["5", 0], positive=["6", 0]))
    assert recipe
    assert (recipe.strength, recipe.seed) == (0.75, 5)


def test_the_first_of_several_samplers_counts() -> None:
    second = GRAPH["3"]["inputs"] | {"seed": 1, "denoise": 0.3, "latent_image": ["3", 0]}
    recipe = changed({"1": node("KSampler", **second)} | GRAPH)
    assert recipe
    assert (recipe.seed, recipe.strength) == (42, 0.6)
    assert "KSampler" in recipe.ignored


def test_a_drawn_graph_is_read() -> None:
    def drawn(number: int, kind: str, values: Any, **inputs: int) -> dict[str, Any]:
        given = [{"name": name, "link": link} for name, link in inputs.items()]
        return {"id": number, "type": kind, "mode": 0, "inputs": given, "widgets_values": values}

    nodes = [
        drawn(
            3,
            "KSampler",
            [42, "randomize", 25, 6.5, "dpmpp_2m_sde", "karras", 0.6],
            **{"positive": 1, "negative": 2, "latent_image": 3},
        ),
        drawn(6, "CLIPTextEncode", ["old text"], text=4),
        drawn(7, "CLIPTextEncode", ["blurry"]),
        drawn(5, "VAEEncode", []),
        drawn(8, "PrimitiveNode", ["a fox in snow", "fixed"]),
        drawn(4, "CheckpointLoaderSimple", ["x.safetensors"]),
        {**drawn(11, "KSampler", [1, "fixed", 2, 3, "lms", "normal", 1]), "mode": 2},
    ]
    links = [
        [1, 6, 0, 3, 1, "CONDITIONING"],
        {"id": 2, "origin_id": 7, "origin_slot": 0, "target_id": 3, "target_slot": 2},
        [3, 5, 0, 3, 3, "LATENT"],
        [4, 8, 0, 6, 0, "STRING"],
    ]
    assert from_workflow(json.dumps({"nodes": nodes, "links": links})) == FOX


# Files that mean no good ----------------------------------------------------------------------------------


def test_circles_come_to_an_end() -> None:
    recipe = changed(
        GRAPH,
        n6=node("ConditioningCombine", conditioning_1=["6", 0], conditioning_2=["20", 0]),
        n20=node("Reroute", x=["6", 0]),
        n3=node("KSampler", seed=["3", 0], steps=["20", 0], positive=["6", 0], latent_image=["3", 0]),
    )
    assert recipe
    assert (recipe.prompt, recipe.seed, recipe.steps) == (None, None, None)


def test_many_ways_to_one_text_are_one() -> None:
    graph = {
        str(number): node("Combine", a=[str(number + 1), 0], b=[str(number + 1), 0])
        for number in range(100, 160)
    }
    recipe = changed(
        GRAPH | graph, n6=node("Reroute", x=["100", 0]), n160=node("CLIPTextEncode", text="a fox")
    )
    assert recipe
    assert recipe.prompt == "a fox"


def test_a_zip_bomb_is_passed_over(tmp_path: Path) -> None:
    bomb = zlib.compress(b"a" * (100 * 2**20) + b"\nSteps: 20, Seed: 1", 9)
    assert read(tmp_path, with_chunk(b"zTXt", b"parameters\0\0" + bomb)) is None
    assert read(tmp_path, with_chunk(b"iTXt", b"parameters\0\1\0\0\0" + bomb)) is None


def test_gigantic_texts_are_passed_over_and_the_rest_is_read(tmp_path: Path) -> None:
    huge = png_chunk(b"tEXt", b"parameters\0" + b"x" * (3 * 2**20))
    good = png(parameters="a\nSteps: 20, Seed: 1")
    recipe = read(tmp_path, good[:33] + huge + good[33:])
    assert recipe
    assert recipe.prompt == "a"


def test_a_length_beyond_the_file_is_the_end(tmp_path: Path) -> None:
    plain = encoded(corners(), "PNG")
    assert read(tmp_path, plain[:33] + struct.pack(">I", 2**31 - 1) + b"tEXtparameters\0a") is None
    webp = b"RIFF\0\0\0\0WEBPEXIF" + struct.pack("<I", 2**32 - 1) + b"II*\0"
    assert read(tmp_path, webp) is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        "{",
        "[]",
        "null",
        '"KSampler"',
        "9" * 100_000,
        json.dumps({"1": 3, "2": None, "3": []}),
        json.dumps({"1": {"class_type": "KSampler", "inputs": []}, "2": {"class_type": ["KSampler"]}}),
        json.dumps({"nodes": [1, None, {"id": None}, {"id": 1, "type": 3}], "links": 4}),
        json.dumps({"nodes": {"a": 1}, "links": [[1], {}, None]}),
    ],
)
def test_broken_graphs_have_no_recipe(text: str) -> None:
    assert from_prompt(text) is None
    assert from_workflow(text) is None
    assert from_infotext(text) is None


def test_values_of_other_kinds_are_passed_over() -> None:
    inputs = {"seed": True, "steps": {"a": 1}, "cfg": float("nan"), "sampler_name": 3, "scheduler": [["x"]]}
    recipe = changed(
        GRAPH,
        n3=node("KSampler", **inputs, denoise="0.5", positive=["6", 0], negative=[7, 0]),
        n6=node("CLIPTextEncode", text=["a", "b", "c"]),
    )
    assert recipe == Recipe(negative_prompt="blurry", source="comfyui", ignored=("cfg", "Model"))


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(sorted(GRAPH)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["text", "positive", "value", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
names = st.sampled_from([*GRAPH["3"]["inputs"], "text", "guider", "sigmas", "noise", "conditioning", "x"])
links_in = st.tuples(st.sampled_from(sorted(GRAPH)), st.integers(0, 2)).map(list)
kinds = st.sampled_from(["KSampler", "SamplerCustomAdvanced", "CLIPTextEncode", "Reroute", "KarrasScheduler"])
any_graph = st.dictionaries(
    st.sampled_from(sorted(GRAPH)),
    anything
    | st.fixed_dictionaries(
        {"class_type": kinds, "inputs": st.dictionaries(names, links_in | anything, max_size=8)}
    ),
    max_size=7,
)


def sound(recipe: Recipe | None) -> None:
    if recipe is not None:
        assert recipe.seed is None or 0 <= recipe.seed < SEED_LIMIT
        assert recipe.steps is None or 1 <= recipe.steps <= 100
        assert recipe.guidance is None or 1 <= recipe.guidance <= 20
        assert recipe.strength is None or 0 <= recipe.strength <= 1
        assert recipe.sampler in (None, *SAMPLERS)
        assert recipe.scheduler in (None, *SCHEDULERS)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(graph=any_graph)
def test_any_graph_gives_a_sound_recipe_or_none(graph: dict[str, Any]) -> None:
    sound(from_prompt(json.dumps(graph)))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    nodes=st.lists(
        anything
        | st.fixed_dictionaries(
            {
                "id": st.integers(0, 3),
                "type": kinds,
                "widgets_values": anything,
                "inputs": st.lists(
                    st.fixed_dictionaries({"name": names, "link": st.integers(0, 3)}), max_size=3
                ),
            }
        ),
        max_size=5,
    ),
    links=st.lists(anything | st.lists(st.integers(0, 3), min_size=3, max_size=6), max_size=5),
)
def test_any_drawing_gives_a_sound_recipe_or_none(nodes: list[Any], links: list[Any]) -> None:
    sound(from_workflow(json.dumps({"nodes": nodes, "links": links})))


parts = st.sampled_from(
    [
        "a",
        "\n",
        ", ",
        ": ",
        "Steps: ",
        "Seed: ",
        "Sampler: ",
        "CFG scale: ",
        '"',
        "[",
        "{",
        "\\",
        "1",
        "-",
        "e9",
    ]
)


@given(text=st.lists(parts, max_size=40).map("".join) | st.text())
def test_any_text_gives_a_sound_recipe_or_none(text: str) -> None:
    sound(from_infotext(text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_any_damage_gives_a_sound_recipe_or_none(tmp_path: Path, data: st.DataObject, name: str) -> None:
    form = {
        "PNG": png(parameters=A1111, prompt=json.dumps(GRAPH)),
        "JPEG": encoded(corners(), "JPEG", exif=exif(A1111)),
        "WEBP": encoded(corners(), "WEBP", exif=exif(A1111)),
    }[name]
    damaged = bytearray(form)
    for at in data.draw(st.lists(st.integers(16, min(len(form), 900) - 1), max_size=12)):
        damaged[at] = data.draw(st.integers(0, 255))
    sound(read(tmp_path, bytes(damaged[: data.draw(st.integers(16, len(form)))])))


async def test_a_real_worker_reads_recipes(tmp_path: Path) -> None:
    workers = PictureWorkers(1)
    studio = Studio(workers, max_pixels=10**6)
    try:
        found = await studio.recipe(write(tmp_path, png(prompt=json.dumps(GRAPH)), "a.png"))
        none = await studio.recipe(write(tmp_path, encoded(corners(), "PNG"), "b.png"))
        with pytest.raises(PictureUnreadable):
            await studio.recipe(write(tmp_path, b"no picture", "c.png"))
    finally:
        await workers.close()
    assert (found, none) == (FOX, None)

"""Reading what ComfyUI writes into its pictures: the graph of nodes that made them.

`prompt` is the graph as it was run, `workflow` as it was drawn; the second is brought into the form of the
first (`workflows`). A node is read by the names of its inputs, so most nodes of extensions can be read, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from repaint.pictures.recipes import PROMPT_CHARACTERS, Draft, Recipe
from repaint.pictures.workflows import as_graph

MOST_CHARACTERS = 2 * 2**20
MOST_NODES = 5_000
MOST_SAMPLERS = 20  # looked at
MOST_STEPS = 500  # along links, for one value

Inputs = dict[str, Any]
Graph = dict[str, tuple[str, Inputs]]  # each node's class and inputs: a value or a link

_SAMPLERS = ("KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced")
# Where a node keeps a text, in the order of what they are called. A text may come over a link, too.
_TEXTS = (
    *(
        "text",
        "text_g",
        "text_l",
        "clip_l",
        "clip_g",
        "t5xxl",
        "prompt",
    ),
    *("string", "value", "text_a", "text_b", "text_c", "string_a", "string_b", "text1", "text2", "text_0"),
)
# What leads away from the prompts: other kinds of input.
_ASIDE = {"clip", "model", "vae", "image", "images", "mask", "pixels", "samples", "latent", "latent_image"}
_ASIDE |= {"control_net", "noise", "sampler", "sigmas", "clip_vision", "clip_vision_output", "style_model"}
_VALUES = ("value", "Value", "int", "float", "number", "string")  # of nodes that hold a single one
# Nodes that make something else of the picture than can be asked for here, by a part of their class's name.
_FOREIGN = {
    "lora": "LoRA",
    "controlnet": "ControlNet",
    "ipadapter": "IP-Adapter",
    "hypernetwork": "Hypernetwork",
    "upscale": "Upscale",
    "facedetailer": "FaceDetailer",
    "fluxguidance": "FluxGuidance",
    "checkpointloader": "Model",
    "unetloader": "Model",
}


def from_prompt(text: str) -> Recipe | None:
    """The recipe in a graph as it was run, or None."""
    found = _json(text)
    if isinstance(found, dict) and isinstance(found.get("prompt"), dict):  # as it is sent to the server
        found = found["prompt"]
    return _read(_graph(found))


def from_workflow(text: str) -> Recipe | None:
    """The recipe in a graph as it was drawn, or None."""
    return _read(_graph(as_graph(_json(text))))


def _json(text: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _graph(found: Any) -> Graph:
    nodes = list(found.items())[:MOST_NODES] if isinstance(found, dict) else []
    return {
        str(name): (node["class_type"], node["inputs"])
        for name, node in nodes
        if isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), dict)
    }


def _read(graph: Graph) -> Recipe | None:
    samplers = [name for name, (kind, inputs) in graph.items() if _is_sampler(kind, inputs)][:MOST_SAMPLERS]
    first = _first(graph, samplers)
    if first is None:
        return None
    draft = Draft("comfyui")
    _Reader(graph, first, draft).read()
    for name in samplers:
        if name != first:
            draft.ignore(graph[name][0])  # a second pass
    for kind, _ in graph.values():
        for part, said in _FOREIGN.items():
            if part in kind.lower():
                draft.ignore(said)
    return draft.recipe()


def _is_sampler(kind: str, inputs: Inputs) -> bool:
    if kind in _SAMPLERS:
        return True
    return "sampler" in kind.lower() and {"steps", "positive"} <= inputs.keys()  # an extension's


def _first(graph: Graph, samplers: list[str]) -> str | None:
    """The sampler that the others work on: it has the settings of the picture as such."""
    for name in samplers:
        if not any(other in samplers for other in _above(graph, name)):
            return name
    return samplers[0] if samplers else None


def _link(graph: Graph, value: Any) -> str | None:
    """The node that an input is linked to: `["4", 1]`, its output 1."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str | int):
        name = str(value[0])
        return name if name in graph else None
    return None


def _above(graph: Graph, name: str, only: str | None = None) -> Iterator[str]:
    """All nodes that this one depends on (by its input `only`), nearest first."""
    seen = {name}
    inputs = graph[name][1]
    ways = [inputs.get(only)] if only else list(inputs.values())
    for way in ways:  # grows
        above = _link(graph, way)
        if above is not None and above not in seen:
            seen.add(above)
            yield above
            ways.extend(graph[above][1].values())


class _Reader:
    """Reads one sampler's settings into a draft."""

    def __init__(self, graph: Graph, sampler: str, draft: Draft) -> None:
        self._graph = graph
        self._sampler = sampler
        self._draft = draft

    def read(self) -> None:
        draft = self._draft
        self._prompts()
        self._number(("seed", "noise_seed"), draft.seed, "noise")
        self._number(("steps",), draft.steps, "sigmas")
        self._number(("cfg",), draft.guidance, "guider")
        self._name("sampler_name", draft.sampler, "sampler")
        self._name("scheduler", draft.scheduler, "sigmas")
        if "scheduler" not in draft:
            self._scheduler_by_class()
        self._strength()

    def _prompts(self) -> None:
        """SamplerCustomAdvanced leaves them to its guider, which may have but one, `conditioning`."""
        inputs = self._graph[self._sampler][1]
        guider = _link(self._graph, inputs.get("guider"))
        if guider and "positive" not in inputs:
            inputs = self._graph[guider][1]
        for role, name in (("positive", "prompt"), ("negative", "negative_prompt")):
            given = inputs.get(role, inputs.get("conditioning") if role == "positive" else None)
            text = self._text(given, role)
            if text is not None:
                self._draft.text(name, text)

    def _text(self, value: Any, role: str) -> str | None:
        """All different texts that an input is made of, in their order; None where there is none.

        Each node counts once, so neither a circle nor a node with many ways to it makes it endless.
        """
        found: dict[str, None] = {}
        seen: set[str] = set()
        todo = [value]
        while todo and len(seen) < MOST_STEPS and sum(map(len, found)) < PROMPT_CHARACTERS:
            value = todo.pop()
            if isinstance(value, str):
                found[value.strip()] = None
                continue
            name = _link(self._graph, value)
            if name is None or name in seen:
                continue
            seen.add(name)
            kind, inputs = self._graph[name]
            if kind == "ConditioningZeroOut":  # as good as an empty text
                found[""] = None
            else:
                todo.extend(inputs[way] for way in reversed(_ways(inputs, role)))
        return ", ".join(text for text in found if text) if found else None

    def _number(self, names: tuple[str, ...], take: Callable[[object, str], None], through: str) -> None:
        for name, value in self._values(names, through):
            if isinstance(value, int | float) and not isinstance(value, bool):
                take(value, name)
                return

    def _name(self, name: str, take: Callable[[str, str], None], through: str) -> None:
        for _, value in self._values((name,), through):
            if isinstance(value, str):
                take(value, name)
                return

    def _values(self, names: tuple[str, ...], through: str) -> Iterator[tuple[str, Any]]:
        """The sampler's own input, what it is linked to, or that of a node that it is linked to `through`."""
        holders = [self._sampler, *_few(_above(self._graph, self._sampler, through))]
        for holder in holders:
            inputs = self._graph[holder][1]
            for name in names:
                if name not in inputs:
                    continue
                if not isinstance(inputs[name], list):
                    yield name, inputs[name]
                    continue
                for source in _few(_above(self._graph, holder, name)):
                    given = self._graph[source][1]
                    yield from ((name, given[key]) for key in (name, *names, *_VALUES) if key in given)

    def _scheduler_by_class(self) -> None:
        for name in _few(_above(self._graph, self._sampler, "sigmas")):
            kind = self._graph[name][0]
            if kind.endswith("Scheduler") and kind != "BasicScheduler":  # KarrasScheduler
                self._draft.scheduler(kind.removesuffix("Scheduler"), "scheduler")
                return

    def _strength(self) -> None:
        """How much was repainted of a picture. One that began with none tells nothing about that."""
        graph, inputs = self._graph, self._graph[self._sampler][1]
        latent = "latent_image" if "latent_image" in inputs else "samples"
        kinds = [graph[name][0].lower() for name in _above(graph, self._sampler, latent)]
        if any(kind.startswith("empty") for kind in kinds) and not any("encode" in kind for kind in kinds):
            return
        steps, start = inputs.get("steps"), inputs.get("start_at_step")
        if isinstance(steps, int) and isinstance(start, int) and 0 <= start < steps:
            self._draft.strength(1 - start / steps, "start_at_step")
        else:
            self._number(("denoise",), self._draft.strength, "sigmas")


def _ways(inputs: Inputs, role: str) -> list[str]:
    """The inputs that a text can come through: those with the role or a text, else all that may lead on."""
    if isinstance(inputs.get("populated_text"), str):  # what has become of the wildcards beside it
        return ["populated_text"]
    for names in ((role, f"{role}_prompt", f"text_{role}"), _TEXTS):
        if ways := [name for name in names if isinstance(inputs.get(name), str | list)]:
            return ways
    return [name for name, value in inputs.items() if isinstance(value, list) and name not in _ASIDE]


def _few(names: Iterator[str]) -> list[str]:
    return [name for name, _ in zip(names, range(MOST_STEPS), strict=False)]

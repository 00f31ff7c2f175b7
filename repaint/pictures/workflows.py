"""A ComfyUI graph as it was drawn (`workflow`), in the form of one as it was run (`prompt`).

What was run has each input by name; what was drawn has the values of a node's widgets as a bare list, in the
order that its class has them, so only the classes that matter here can be read.
"""

from __future__ import annotations

from typing import Any

MOST_NODES, MOST_LINKS = 5_000, 20_000

# The widgets of ComfyUI's own nodes; "" is one that is no input: what becomes of the seed afterwards.
_WIDGETS = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": (
        *("add_noise", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
        *("start_at_step", "end_at_step", "return_with_leftover_noise"),
    ),
    "SamplerCustom": ("add_noise", "noise_seed", "", "cfg"),
    "RandomNoise": ("noise_seed", ""),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "KarrasScheduler": ("steps",),
    "ExponentialScheduler": ("steps",),
    "CFGGuider": ("cfg",),
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeSD3": ("clip_l", "clip_g", "t5xxl"),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl"),
    "CLIPTextEncodeSDXL": ("", "", "", "", "", "", "text_g", "text_l"),
    "CLIPTextEncodeSDXLRefiner": ("", "", "", "text"),
    "StringConcatenate": ("string_a", "string_b"),
}
_MUTED, _BYPASSED = 2, 4  # modes of a node


def as_graph(found: Any) -> dict[str, dict[str, Any]]:
    """The nodes by their numbers, each with `class_type` and `inputs`; empty for anything else."""
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
        return {}
    links = _links(found.get("links"))
    graph: dict[str, dict[str, Any]] = {}
    for node in found["nodes"][:MOST_NODES]:
        if not isinstance(node, dict) or not isinstance(node.get("id"), int | str):
            continue
        kind, mode = node.get("type"), node.get("mode")
        if not isinstance(kind, str) or mode == _MUTED:
            continue
        inputs = {} if mode == _BYPASSED else _widgets(kind, node.get("widgets_values"))
        given = node.get("inputs")
        for one in given if isinstance(given, list) else []:
            if isinstance(one, dict) and isinstance(name := one.get("name"), str):
                link = one.get("link")
                if isinstance(link, int) and link in links:
                    inputs[name] = links[link]
        graph[str(node["id"])] = {"class_type": "" if mode == _BYPASSED else kind, "inputs": inputs}
    return graph


def _links(found: Any) -> dict[int, list[Any]]:
    """What each link comes from, as `[node, output]`. A link is a list or, in newer files, an object."""
    links: dict[int, list[Any]] = {}
    for link in found[:MOST_LINKS] if isinstance(found, list) else []:
        if isinstance(link, list) and len(link) >= 3:
            number, node, slot = link[:3]
        elif isinstance(link, dict):
            number, node, slot = link.get("id"), link.get("origin_id"), link.get("origin_slot")
        else:
            continue
        if isinstance(number, int):
            links[number] = [node, slot]
    return links


def _widgets(kind: str, values: Any) -> dict[str, Any]:
    if isinstance(values, dict):
        return dict(values)
    if not isinstance(values, list):
        return {}
    names = _WIDGETS.get(kind)
    if names is None:  # a primitive value, or a node that has one text
        texts = [value for value in values if isinstance(value, str)]
        first = (
            values[0] if kind.startswith("Primitive") and values else texts[0] if len(texts) == 1 else None
        )
        return {} if first is None else {"value": first}
    return {name: value for name, value in zip(names, values, strict=False) if name}

"""The parameters of `sd3-med-img2img`, checked the way Segmind checks them: in two steps.

A missing `image` or `prompt` is refused at once (400). Everything else is only looked at when the request is
worked on, so a strength of 7 is accepted with 200 and FAILED later (seen by third parties on the v2 API).
Names, ranges and defaults are those of the model's API page; the limits on `samples` and `seed` are ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from embedded.errors import ApiError, PaintingFailed

COST = 0.0076
"""USD for one sample: the page's average of $0.00758."""
MAX_SAMPLES = 4
MAX_SEED = 2**64 - 1

SAMPLERS = (
    *("euler", "euler_pp", "euler_ancestral", "euler_ancestral_pp", "heun", "heunpp2", "dpm_2"),
    *("dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_sde"),
    *("dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu"),
    *("ddpm", "lcm", "ipndm", "ipndm_v", "deis", "ddim", "uni_pc", "uni_pc_bh2"),
)
SCHEDULERS = ("normal", "karras", "exponential", "sgm_uniform", "simple", "ddim_uniform")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request asks for, checked."""

    image: str
    prompt: str
    negative_prompt: str
    num_inference_steps: int
    guidance_scale: float
    seed: int
    samples: int
    strength: float
    sampler: str
    scheduler: str
    base64: bool

    @property
    def seeds(self) -> list[int]:
        """The seed of each sample: `seed`, `seed + 1`, …"""
        return [(self.seed + n) % (MAX_SEED + 1) for n in range(self.samples)]


def require(body: Mapping[str, Any]) -> None:
    """Refuse a body without a prompt or an image. Raises ApiError 400."""
    for name in ("prompt", "image"):
        value = body.get(name)
        if not isinstance(value, str) or not value.strip():
            raise ApiError(400, f"Missing required field: {name}")


def parse(body: Mapping[str, Any]) -> Parameters:
    """Return a body's parameters, defaults filled in. Raises PaintingFailed, naming the first bad one."""
    field = _Fields(body)
    return Parameters(
        image=field.text("image", ""),
        prompt=field.text("prompt", ""),
        negative_prompt=field.text("negative_prompt", "low quality,less details"),
        num_inference_steps=field.integer("num_inference_steps", 20, 1, 100),
        guidance_scale=field.number("guidance_scale", 5, 1, 20),
        seed=field.integer("seed", 698845, 0, MAX_SEED),
        samples=field.integer("samples", 1, 1, MAX_SAMPLES),
        strength=field.number("strength", 0.7, 0, 1),
        sampler=field.choice("sampler", "dpmpp_2m", SAMPLERS),
        scheduler=field.choice("scheduler", "sgm_uniform", SCHEDULERS),
        base64=field.flag("base64"),
    )


def price(body: Mapping[str, Any]) -> float:
    """Return what a body would cost in USD if it completes. A bad `samples` counts as one: it will fail."""
    try:
        return COST * _Fields(body).integer("samples", 1, 1, MAX_SAMPLES)
    except PaintingFailed:
        return COST


class _Fields:
    """Reads a JSON object's fields by kind; an absent or null one is its default."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def text(self, name: str, default: str) -> str:
        return str(self._read(name, default, "must be a string", lambda value: isinstance(value, str)))

    def flag(self, name: str) -> bool:
        return bool(self._read(name, False, "must be true or false", lambda value: isinstance(value, bool)))

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        rule = f"must be one of {', '.join(choices)}"
        return str(self._read(name, default, rule, lambda value: value in choices))

    def number(self, name: str, default: float, low: float, high: float) -> float:
        def fits(value: Any) -> bool:
            return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

        return float(self._read(name, default, f"must be a number from {low:g} to {high:g}", fits))

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        def fits(value: Any) -> bool:
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool) and low <= value <= high

        return int(self._read(name, default, f"must be an integer from {low} to {high}", fits))

    def _read(self, name: str, default: Any, rule: str, fits: Callable[[Any], bool]) -> Any:
        value = self._body.get(name)
        if value is None:
            return default
        if not fits(value):
            raise PaintingFailed(f"Invalid value for {name}: it {rule}.")
        return value

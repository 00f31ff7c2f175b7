"""The values that pass between the parts. All are frozen; nothing here does any work."""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path
from typing import Literal

# Segmind's API page for sd3-med-img2img: names, ranges and defaults.
SAMPLERS = (
    "euler",
    "euler_pp",
    "euler_ancestral",
    "euler_ancestral_pp",
    "heun",
    "heunpp2",
    "dpm_2",
    "dpm_2_ancestral",
    "lms",
    "dpm_fast",
    "dpm_adaptive",
    "dpmpp_2s_ancestral",
    "dpmpp_sde",
    "dpmpp_sde_gpu",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_2m_sde_gpu",
    "dpmpp_3m_sde",
    "dpmpp_3m_sde_gpu",
    "ddpm",
    "lcm",
    "ipndm",
    "ipndm_v",
    "deis",
    "ddim",
    "uni_pc",
    "uni_pc_bh2",
)
SCHEDULERS = ("normal", "karras", "exponential", "sgm_uniform", "simple", "ddim_uniform")
MAX_INPUT_PIXELS = 64_000_000  # more than any camera phone has by default; a guard against bombs
MODEL = "sd3-med-img2img"
NEGATIVE_PROMPT = "low quality,less details"
SEED_LIMIT = 2**32  # seeds are drawn below this; the API page gives no bound


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What someone asked for: the API's parameters without the picture.

    Ranges: strength 0–1, steps 1–100, guidance 1–20, samples 1–4 (the last is our own bound).
    """

    prompt: str
    seed: int
    negative_prompt: str = NEGATIVE_PROMPT
    strength: float = 0.7
    steps: int = 20
    guidance: float = 5.0
    samples: int = 1
    sampler: str = "dpmpp_2m"
    scheduler: str = "sgm_uniform"

    @property
    def work(self) -> float:
        """How much it is to do: 1 for one sample of 20 steps."""
        return self.samples * self.steps / 20


@dataclasses.dataclass(frozen=True, slots=True)
class Attachment:
    """A picture as Discord announced it. `size` in bytes, 0 where that is not known (an embed's picture).

    The URL is signed and expires in about a day; empty where there never was one.
    """

    url: str
    filename: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """The input of a job is another job's input, or its `output` (0 = the first picture).

    Where that file is gone, or on another machine, the job's attachment is fetched instead.
    """

    job_id: str
    output: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Credit:
    """Whose posted picture is repainted, and where it was posted."""

    author_id: int | None  # None where Discord does not tell: a forwarded message
    url: str  # of the message


@dataclasses.dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody usually wants; None: the usual default. A choice in a command goes before it."""

    strength: float | None = None
    style: str | None = None
    private: bool = False
    language: str | None = None  # of the cards, one of those in repaint.ui.languages
    mention: bool = False  # one reply with a mention where a picture took long


@dataclasses.dataclass(frozen=True, slots=True)
class GuildSettings:
    """What the staff of a server has set."""

    gallery_id: int | None = None  # the channel where finished pictures can be shared


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where a job came from, and all that is needed to answer there.

    Plain values only: a reply must be possible in another process than the one that took the command.
    `token` lives 15 minutes from `interaction_id`'s time and is a secret.
    """

    interaction_id: int
    application_id: int
    token: str = dataclasses.field(repr=False)
    user_id: int
    channel_id: int
    guild_id: int | None
    message_id: int | None  # the reply; None until Discord has told it
    filesize_limit: int  # bytes a file, from the interaction
    bot_can_edit: bool  # the bot's own token can edit the reply too: it is a member and the reply is public
    ephemeral: bool = False  # only the asker sees the reply
    guild_install: bool = True  # the app belongs to the server; else the asker brought it along
    age_restricted: bool = False  # the channel is, so what is made there stays there

    @property
    def fair_key(self) -> int:
        """Whose turn a job takes: its server's. All else counts as one server together: anybody can be in
        any number of servers to which the app does not belong.
        """
        return self.guild_id if self.guild_id and self.guild_install else 0


class JobState(enum.StrEnum):
    """The life of a job."""

    RECEIVED = "received"  # accepted: from here on it ends in a delivery or in a sentence
    QUEUED = "queued"  # the input is checked and kept, the card is shown
    SUBMITTING = "submitting"  # the POST may be under way; found so after a crash, it is UNKNOWN
    RUNNING = "running"  # the API has it and gave a request id
    FETCHED = "fetched"  # the result is kept on this side
    DELIVERING = "delivering"  # the upload to Discord may be under way
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # the submit's answer was lost; never submitted again by itself

    @property
    def is_end(self) -> bool:
        """Whether no work on the picture follows. The job is over only when this was told: `Job.ended_at`."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.UNKNOWN)


class Shown(enum.StrEnum):
    """Where the finished pictures of a job are."""

    NOWHERE = "nowhere"  # there are none (yet)
    REPLY = "reply"
    DIRECT = "direct"  # in a direct message, because the reply could not be reached any more
    KEPT = "kept"  # on this side only: `/jobs` shows them


class ApiState(enum.StrEnum):
    """The API's own words for a request (Segmind docs, v2 status)."""

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclasses.dataclass(frozen=True, slots=True)
class Submitted:
    """The API took a request."""

    request_id: str
    state: ApiState


@dataclasses.dataclass(frozen=True, slots=True)
class Status:
    """One look at a request. `error` is the API's text if it FAILED; times in seconds, if it told them."""

    request_id: str
    state: ApiState
    error: str = ""
    queue_time: float | None = None
    inference_time: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Output:
    """One picture of a result: exactly one of a URL to fetch and the bytes themselves.

    `seed` where the API tells each its own.
    """

    url: str | None = None
    data: bytes | None = dataclasses.field(default=None, repr=False)
    seed: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """A COMPLETED request. `cost` in USD, times in seconds, where the API told them.

    `engine` is set by a server that is not the real one and says so.
    """

    request_id: str
    outputs: tuple[Output, ...]
    seed: int | None = None
    cost: float | None = None
    queue_time: float | None = None
    inference_time: float | None = None
    engine: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row of the request history. `created_at` in seconds since the epoch, if it was readable."""

    request_id: str
    status: str
    body: dict[str, object]
    created_at: float | None = None
    cost: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A picture on this machine's disk. Width and height in pixels, size in bytes."""

    path: Path
    media_type: str
    width: int
    height: int
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """A result that is ready to be posted, and what had to be done to its pixels to fit the size limit."""

    picture: Picture
    change: Literal["none", "re-encoded", "scaled"]


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """One repainting from acceptance to its end. A change makes a new value: `dataclasses.replace`."""

    id: str  # ten hexadecimal digits
    state: JobState
    request: Request
    attachment: Attachment
    origin: Origin
    created_at: float  # seconds since the epoch, as are all moments here
    retry_of: str | None = None  # the job that this one repeats, in the same message
    parent: str | None = None  # the job whose card it was asked for on
    takes: Taken | None = None  # where the input comes from, if not from the attachment
    input_public: bool = False  # others saw the input before: a posted picture, or one of the bot's own
    credit: Credit | None = None
    owners: tuple[int, ...] = ()  # whose pictures this comes from, besides the asker's own
    typed: str = ""  # the prompt as it was written, where a style made another of it
    style: str = ""  # its name, for people
    spoiler: bool = False  # the pictures are covered until one clicks
    language: str = "en"  # of the card,
    own_language: str = "en"  # and of what only the asker sees
    mention: bool = False  # the asker wants one reply with a mention if it takes long

    # In the queue
    input: Picture | None = None
    queued_at: float | None = None
    place: float | None = None  # virtual finish time among the jobs of its server
    claimed: bool = False  # takes up room at the API

    # At the API
    input_url: str | None = None  # where the API finds the input
    as_base64: bool = False  # it went in the request instead
    submitted_at: float | None = None
    unknown_at: float | None = None  # when the submit's answer was lost
    request_id: str | None = None
    api_state: ApiState | None = None
    processing_at: float | None = None  # when the API was first seen to work on it
    note: str = ""  # why it waits, for people

    # The result
    results: tuple[Path, ...] = ()  # as the API gave them
    seeds: tuple[int, ...] = ()  # of each result
    api_seconds: float | None = None  # from submit to COMPLETED, by the API's own clock
    work_seconds: float | None = None  # of which it was at work
    cost: float | None = None  # USD, where the API told it
    engine: str | None = None  # set where the result does not come from the real model

    # The end
    prompt_hidden: bool = False  # Discord's AutoMod does not let its text through
    outputs: tuple[Picture, ...] = ()  # as they are posted
    took: float | None = None  # seconds from submit to COMPLETED, as people see it
    change: str = ""  # what had to be done to the pictures to show them, for people
    failure: str = ""  # the sentence that a person was told
    private_failure: bool = False  # it concerns the asker alone
    cancelled_by: int | None = None
    retried_as: str | None = None  # the job that repeats this one
    shown: Shown = Shown.NOWHERE
    ended_at: float | None = None  # when its end was shown: from here on nothing is left to do
    shared: str = ""  # the address of the message in the gallery channel, if it was shared
    deleted_by: int | None = None  # its message and its pictures were taken away afterwards

    @property
    def said(self) -> str:
        """The prompt as the asker wrote it."""
        return self.typed or self.request.prompt

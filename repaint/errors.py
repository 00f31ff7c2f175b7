"""Every error that Repaint raises on purpose.

    RepaintError
    ├── ConfigError                  a setting is missing or wrong; the process ends with it
    ├── RequestError                 what was asked for cannot be done as asked
    │   ├── MissingPermission        the bot lacks a permission in this channel
    │   ├── TooManyJobs              the asker has as many pictures under way as one may
    │   └── PictureError             the attached picture cannot be used
    │       ├── PictureEmpty
    │       ├── PictureTooLarge          bytes
    │       ├── PictureTooManyPixels
    │       ├── PictureTooSmall
    │       ├── PictureUnreadable        no picture, or a kind that is not read
    │       ├── PictureTruncated
    │       └── PictureGone              the attachment is no longer there
    ├── ServiceError                 the image API did not do what was asked
    │   ├── NotReached               the request surely never arrived: it may be repeated
    │   ├── NoAnswer                 sent, but no usable answer: it may have been accepted
    │   │   └── SubmitUnknown        a submit whose answer was lost
    │   ├── RateLimited              429
    │   ├── BadRequest               400
    │   ├── KeyRefused               401
    │   ├── ModelForbidden           403
    │   ├── NotFound                 404: an unknown model
    │   │   └── RequestExpired       404: an unknown request, or one older than an hour
    │   ├── WrongMethod              405
    │   ├── Rejected                 406: a value or content type it does not take
    │   │   └── OutOfCredits         406: the balance does not suffice
    │   ├── ModelRetired             410
    │   ├── InferenceFailed          422: the request ended as FAILED
    │   │   └── ContentBlocked
    │   ├── ServerFault              500, and every code that nobody documents
    │   │   └── GatewayFault         502, 503, 504
    │   ├── BadAnswer                an answer that cannot be understood
    │   │   └── Intercepted          401, 403: something in front of the API did not let this one through
    │   └── OutputUnavailable        the result is announced, its picture cannot be had
    ├── StorageError                 this machine's disk is full or fails
    │   └── DatabaseAway             the database did not do it; it is tried again
    ├── WorkerError                  a picture worker ended or took too long
    ├── LeaseLost                    this process was away so long that another one may have its jobs
    ├── AlreadyAccepted              the same interaction has a job
    ├── Stopped                      the bot is being stopped and takes no new job
    └── DeliveryError                the job's message cannot be shown in Discord, now or ever
        ├── DeliveryPutOff           Discord is away: it is to be tried again later
        ├── PromptBlocked            AutoMod lets no message with the prompt's text through
        └── DeliveryTooLarge         Discord takes no file of this size

Each error has a `sentence` for people: what happened and what to do next, without codes. Its class gives it.
What the log needs (code, body, address) goes in as `detail`, which is never shown to people.
"""

from __future__ import annotations

from typing import ClassVar

from repaint.text import text


class RepaintError(Exception):
    """The root. `sentence` is for people, `detail` for the log."""

    sentence: str = text("Something went wrong here. Please try again.")
    private: ClassVar[bool] = False  # whether it concerns nobody but the asker

    def __init__(self, detail: str = "", *, sentence: str | None = None) -> None:
        super().__init__(detail or sentence or self.sentence)
        self.detail = detail
        if sentence is not None:
            self.sentence = sentence


class ConfigError(RepaintError):
    """A setting is missing or wrong; `sentence` names every bad one."""

    sentence = text("The settings are not complete.")


# What was asked for ---------------------------------------------------------------------------------------


class RequestError(RepaintError):
    """What was asked for cannot be done as asked."""

    private = True
    sentence = text("This cannot be done as asked. Please check the options.")


class MissingPermission(RequestError):
    """The bot lacks a permission in this channel; pass the sentence that names it."""

    sentence = text("I lack a permission in this channel.")


class TooManyJobs(RequestError):
    sentence = text("You have many pictures under way already. Please wait until one of them is finished.")


class PictureError(RequestError):
    """The attached picture cannot be used."""

    sentence = text(
        "I cannot use this picture. Please attach a PNG, JPEG, WebP, GIF, AVIF, HEIC or BMP picture."
    )


class PictureEmpty(PictureError):
    sentence = text("The attached file is empty. Please attach the picture again.")


class PictureTooLarge(PictureError):
    sentence = text("The attached file is too large. Please attach a smaller one.")


class PictureTooManyPixels(PictureError):
    sentence = text("The picture has too many pixels for me. Please scale it down and attach it again.")


class PictureTooSmall(PictureError):
    sentence = text("The picture is too small to repaint. Please attach one of at least 64 × 64 pixels.")


class PictureUnreadable(PictureError):
    sentence = text(
        "I cannot read this file as a picture. "
        "Please attach a PNG, JPEG, WebP, GIF, AVIF, HEIC or BMP picture."
    )


class PictureTruncated(PictureError):
    sentence = text("The picture is damaged or cut off. Please save it anew and attach it again.")


class PictureGone(PictureError):
    sentence = text(
        "The picture could not be fetched from Discord: its message may have been deleted, or its address is "
        "too old. Please post or attach it again."
    )


# The image API --------------------------------------------------------------------------------------------


class ServiceError(RepaintError):
    """The image API did not do what was asked. `status` is the HTTP status, where there was one."""

    sentence = text("The image service could not do this. Please try again later.")
    http_status: ClassVar[int | None] = None

    def __init__(self, detail: str = "", *, sentence: str | None = None, status: int | None = None) -> None:
        super().__init__(detail, sentence=sentence)
        self.status = status if status is not None else self.http_status


class NotReached(ServiceError):
    """The connection was never made, so the request surely did not arrive and may be repeated."""

    sentence = text("The image service cannot be reached at the moment. Please try again in a few minutes.")


class NoAnswer(ServiceError):
    """The request was sent, but no usable answer came: it may have been accepted."""

    sentence = text("The image service did not answer in time. Please try again in a few minutes.")


class SubmitUnknown(NoAnswer):
    """A submit whose answer was lost. It may be under way, and billed; it is never repeated unasked."""

    sentence = text(
        "The image service gave no clear answer, so I cannot tell whether it is repainting the picture. "
        "I did not send it again, because that could be charged twice. Retry does it anyway."
    )


class RateLimited(ServiceError):
    """429. `reset_at` is the announced end, in seconds since the epoch, if there was one.

    Segmind sends no Retry-After, only `x-rate-limit-reset-at-utc` (seen on v1).
    """

    sentence = text("The image service is busy at the moment. Please try again in a minute.")
    http_status = 429

    def __init__(
        self,
        detail: str = "",
        *,
        sentence: str | None = None,
        status: int | None = None,
        reset_at: float | None = None,
    ) -> None:
        super().__init__(detail, sentence=sentence, status=status)
        self.reset_at = reset_at


class BadRequest(ServiceError):
    sentence = text("The image service did not understand the request. Please try other options.")
    http_status = 400


class KeyRefused(ServiceError):
    sentence = text(
        "The image service did not accept this bot's key. Please tell the person who runs the bot."
    )
    http_status = 401


class ModelForbidden(ServiceError):
    sentence = text(
        "This bot's account may not use the image model. Please tell the person who runs the bot."
    )
    http_status = 403


class NotFound(ServiceError):
    sentence = text("The image service does not know this model. Please tell the person who runs the bot.")
    http_status = 404


class RequestExpired(NotFound):
    sentence = text(
        "The image service no longer has this picture, which was probably charged: it keeps results for one "
        "hour. Retry asks for it anew, and costs again."
    )


class WrongMethod(ServiceError):
    sentence = text("The image service does not work as expected. Please tell the person who runs the bot.")
    http_status = 405


class Rejected(ServiceError):
    sentence = text("The image service did not accept one of the values. Please try other options.")
    http_status = 406


class OutOfCredits(Rejected):
    sentence = text(
        "This bot's credits at the image service are used up. Please tell the person who runs the bot."
    )


class ModelRetired(ServiceError):
    sentence = text("The image service no longer offers this model. Please tell the person who runs the bot.")
    http_status = 410


class InferenceFailed(ServiceError):
    sentence = text(
        "The image service failed while repainting. "
        "Retry asks for the same again; another seed or other options may help more."
    )
    http_status = 422


class ContentBlocked(InferenceFailed):
    """What is refused for its content should not stand in a channel either."""

    private = True
    sentence = text(
        "The image service refused this picture or prompt because of its content rules, so nothing was "
        "posted. Please try another one."
    )


class ServerFault(ServiceError):
    sentence = text(
        "The image service had a fault. Please try again in a few minutes, or with other options."
    )
    http_status = 500


class GatewayFault(ServerFault):
    sentence = text("The image service is down at the moment. Please try again in a few minutes.")
    http_status = 502


class BadAnswer(ServiceError):
    sentence = text("The image service answered something that I cannot understand. Please try again later.")


class Intercepted(BadAnswer):
    """A firewall's page, for instance, because of the prompt's words. It says nothing of the key."""

    sentence = text(
        "Something on the way to the image service did not let this request through. "
        "Please try again with other words in the prompt."
    )


class OutputUnavailable(ServiceError):
    sentence = text(
        "The picture was repainted, and probably charged, but the image service did not hand it over. "
        "Retry asks for it anew, and costs again."
    )


# This machine and Discord ---------------------------------------------------------------------------------


class StorageError(RepaintError):
    sentence = text("I have no room to store the picture at the moment. Please try again later.")


class DatabaseAway(StorageError):
    """The database did not answer or could not write. Whether a commit took effect is open."""

    sentence = text("I cannot reach my records at the moment. Please try again in a minute.")


class WorkerError(RepaintError):
    sentence = text("The picture took too long to read. Please save it as PNG or JPEG and attach it again.")


class LeaseLost(RepaintError):
    sentence = text("The bot was away for a while and starts again. Please try again in a minute.")


class AlreadyAccepted(RepaintError):
    sentence = text("This command was taken already.")


class DeliveryError(RepaintError):
    """Discord refuses for good: the message or the channel is gone, or a permission is missing."""

    sentence = text("The picture is finished, but Discord did not let me show it here.")


class DeliveryPutOff(DeliveryError):
    """Discord did not answer, or with a fault of its own."""

    sentence = text("Discord cannot be reached at the moment.")


class PromptBlocked(DeliveryError):
    sentence = text("The picture is finished, but this server's AutoMod does not let its prompt through.")


class DeliveryTooLarge(DeliveryError):
    sentence = text("The picture is finished, but too large for Discord.")


class Stopped(RepaintError):
    sentence = text("The bot is being restarted. Please try again in a minute.")

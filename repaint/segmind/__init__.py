"""The client of the image API: Segmind's serverless API, or any server that speaks its contract."""

from repaint.segmind.client import SegmindClient
from repaint.segmind.exchange import Timeouts
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import failed
from repaint.segmind.retry import GiveUp, Retry, decide
from repaint.segmind.transfer import inline_image

__all__ = ["GiveUp", "Operation", "Retry", "SegmindClient", "Timeouts", "decide", "failed", "inline_image"]

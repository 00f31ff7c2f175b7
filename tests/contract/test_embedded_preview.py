"""The embedded API as people run it: with the preview engine, on a real photograph."""

import base64
import io
from collections.abc import Iterator

import pytest
import skimage.data
from PIL import Image

from tests.contract.embedded_server import MODEL, EmbeddedServer, StartEmbedded


def photograph(side: int) -> str:
    """Return a square photograph as base64 JPEG."""
    pixels = skimage.data.astronaut()  # type: ignore[no-untyped-call]
    picture = Image.fromarray(pixels).resize((side, side))
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path_factory.mktemp("preview") / "data", "--workers", "1", engine="preview")
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_a_photograph_is_repainted_and_the_same_seed_gives_the_same_bytes(preview: EmbeddedServer) -> None:
    image = photograph(128)
    pictures = [
        preview.http.post(f"/v1/{MODEL}", json={"prompt": "a watercolour", "image": image, "seed": seed})
        for seed in (3, 3, 4)
    ]

    assert [picture.status_code for picture in pictures] == [200] * 3
    assert Image.open(io.BytesIO(pictures[0].content)).size == (128, 128)
    assert pictures[0].content == pictures[1].content != pictures[2].content


PLAIN = "preview engine, not Stable Diffusion"
UNKNOWN = (
    f"{PLAIN}; it knows no word of this prompt (try watercolor, comic, pencil, stained glass, winter, night)"
)


@pytest.mark.parametrize(
    ("prompt", "engine"),
    [("a cat, watercolour", PLAIN), ("blue", PLAIN), ("im Winter", PLAIN), ("a cat in a hat", UNKNOWN)],
)
def test_the_engines_name_says_whether_it_knew_the_prompt(
    preview: EmbeddedServer, prompt: str, engine: str
) -> None:
    body = {"prompt": prompt, "image": photograph(64), "base64": True}

    request_id = preview.submit(**body)
    preview.finished(request_id)
    answer = preview.http.post(f"/v1/{MODEL}", json=body)

    assert preview.result(request_id).json()["engine"] == engine
    assert answer.headers["x-engine"] == answer.json()["engine"] == engine
    assert engine.isascii()
    assert len(engine) <= 140


def test_requests_are_queued_while_the_painter_is_busy(preview: EmbeddedServer) -> None:
    requests = [preview.submit(image=photograph(384), seed=seed) for seed in range(4)]
    assert preview.status(requests[-1]).json()["status"] == "QUEUED"

    assert [preview.finished(request_id)["status"] for request_id in requests] == ["COMPLETED"] * 4


def test_what_is_not_a_picture_fails_with_a_sentence(preview: EmbeddedServer) -> None:
    end = preview.finished(preview.submit())
    assert end["status"] == "FAILED"
    assert end["error"].endswith(".")


def test_a_picture_that_was_being_painted_at_a_kill_is_painted_by_the_next_server(
    start_embedded: StartEmbedded,
) -> None:
    first = start_embedded(engine="preview")
    request_id = first.submit(image=photograph(512))
    first.until(request_id, "PROCESSING")
    first.kill()

    second = start_embedded(engine="preview", data=first.data)

    assert second.finished(request_id)["status"] == "COMPLETED"
    assert second.seen()["billed"] == 1

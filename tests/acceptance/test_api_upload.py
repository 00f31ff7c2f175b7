"""The input on its way to the image API: uploaded, or with the submit where the upload fails."""

import asyncio
import base64

import pytest

from repaint.errors import InferenceFailed
from tests.acceptance.asker import Asker, opened
from tests.acceptance.house import House
from tests.unit.picture_samples import encoded, photograph

pytestmark = pytest.mark.usefixtures("calm_bot")


async def test_each_job_uploads_an_input_of_its_own(house: House, asker: Asker) -> None:
    sizes = [(96, 64), (100, 80), (128, 128)]
    pictures = [encoded(photograph().resize(size), "PNG") for size in sizes]
    before = house.api_saw()["uploads"]
    asked = [
        await asker.ask(picture, f"{size} of three") for size, picture in zip(sizes, pictures, strict=True)
    ]
    await asyncio.gather(*map(asker.until_done, asked))
    assert house.api_saw()["uploads"] == before + 3
    requests = [request for size in sizes for request in house.accepted(f"{size} of three")]
    assert [opened(house.input_of(request)).size for request in requests] == sizes


async def test_the_same_picture_twice_is_uploaded_twice(house: House, asker: Asker, small: bytes) -> None:
    image = await asker.upload(small)
    await asyncio.gather(*[asker.until_done(await asker.ask(image, "the same")) for _ in range(2)])
    first, second = house.accepted("the same")
    assert first["body"]["image"] != second["body"]["image"]
    assert first["body"]["seed"] != second["body"]["seed"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"drop": "before"}, id="cut"),
        pytest.param({"status": 403}, id="refused"),
    ],
)
async def test_an_input_that_cannot_be_uploaded_goes_along_as_base64(
    house: House, asker: Asker, small: bytes, fault: dict[str, object]
) -> None:
    house.api_fault("upload", times=-1, **fault)
    before = house.api_saw()["uploads"]
    prompt = f"no upload: {fault}"
    await asker.until_done(await asker.ask(small, prompt))
    [request] = house.accepted(prompt)
    assert house.api_saw()["uploads"] == before
    image, _, length = request["body"]["image"].partition("… ")
    assert base64.b64decode(image).startswith(b"\xff\xd8\xff"), "bare base64 of a JPEG"
    assert length.endswith("characters)")


async def test_an_upload_that_fails_once_is_repeated(house: House, asker: Asker, small: bytes) -> None:
    house.api_fault("upload", status=502)
    await asker.until_done(await asker.ask(small, "one more upload"))
    [request] = house.accepted("one more upload")
    assert opened(house.input_of(request)).size == (120, 80)


async def test_an_input_that_the_api_cannot_load_fails_in_a_sentence(
    house: House, asker: Asker, small: bytes
) -> None:
    house.api_fault("upload", body={"file_urls": [f"{house.api}/assets/nothing-here.png"]})
    interaction = await asker.ask(small, "a lost upload")
    await asker.until_failed_with(InferenceFailed, interaction)
    [request] = house.accepted("a lost upload")
    assert request["cost"] == 0

"""The client against the embedded API: the contract's calls, states and errors, over a real connection."""

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from repaint import errors
from repaint.models import ApiState, Request
from repaint.segmind import SegmindClient, failed, inline_image
from tests.contract.embedded_server import KEY, EmbeddedServer
from tests.contract.odd_server import IMAGE, REQUEST, client_of, ended, finished, names

PNG = b"\x89PNG\r\n\x1a\n"
LIMIT = 10 * 1024 * 1024


@pytest.fixture
async def client(image_api: EmbeddedServer) -> AsyncIterator[SegmindClient]:
    async with client_of(image_api.url, KEY) as client:
        yield client


async def test_the_whole_way_from_a_file_to_a_file(
    client: SegmindClient, image_api: EmbeddedServer, tmp_path: Path
) -> None:
    picture = tmp_path / "input.png"
    picture.write_bytes(PNG + bytes(range(256)) * 1000)

    url = await client.upload(picture, "image/png")
    request_id = await finished(client, image=url)
    result = await client.result(request_id)
    target = tmp_path / "output.png"
    size = await client.download(result.outputs[0], target, LIMIT)

    assert image_api.http.get(url).content == picture.read_bytes()
    assert result.request_id == request_id
    assert (result.seed, result.cost) == (7, 0.0076)
    assert result.queue_time is not None
    assert result.inference_time is not None
    assert result.engine == "preview engine, not Stable Diffusion"
    assert target.read_bytes().startswith(PNG)
    assert size == target.stat().st_size
    assert names(tmp_path) == ["input.png", "output.png"]


async def test_what_was_submitted_is_what_was_asked_for(
    client: SegmindClient, image_api: EmbeddedServer
) -> None:
    request = Request("a fox", 9, "blur", 0.25, 33, 7.5, 2, "euler", "karras")
    submitted = await client.submit(request, IMAGE)
    seen = {row["request_id"]: row["body"] for row in image_api.seen()["requests"]}
    assert seen[submitted.request_id] == {
        "image": IMAGE,
        "prompt": "a fox",
        "negative_prompt": "blur",
        "num_inference_steps": 33,
        "guidance_scale": 7.5,
        "seed": 9,
        "samples": 2,
        "strength": 0.25,
        "sampler": "euler",
        "scheduler": "karras",
        "base64": False,
    }


async def test_states_follow_each_other(client: SegmindClient, image_api: EmbeddedServer) -> None:
    image_api.script(queue_seconds="manual", inference_seconds="manual")
    submitted = await client.submit(REQUEST, IMAGE)
    states = [submitted.state, (await client.status(submitted.request_id)).state]
    image_api.release(submitted.request_id)
    while (status := await client.status(submitted.request_id)).state is ApiState.QUEUED:
        pass
    states.append(status.state)
    with pytest.raises(errors.NoAnswer, match="not ready"):
        await client.result(submitted.request_id)
    image_api.release(submitted.request_id)
    states.append((await ended(client, submitted.request_id)).state)
    assert states == ["QUEUED", "QUEUED", "PROCESSING", "COMPLETED"]


async def test_several_samples_are_several_outputs(client: SegmindClient, tmp_path: Path) -> None:
    request_id = await finished(client, Request("a fox", 7, samples=3))
    outputs = (await client.result(request_id)).outputs
    assert len({output.url for output in outputs}) == 3
    for number, output in enumerate(outputs):
        assert await client.download(output, tmp_path / f"{number}.png", LIMIT) > 0


@pytest.mark.parametrize("shape", [None, "list", "data_uri", "base64", "image_url", "images_only"])
async def test_every_shape_of_a_result_ends_in_the_same_file(
    client: SegmindClient, image_api: EmbeddedServer, tmp_path: Path, shape: str | None
) -> None:
    request_id = await finished(client)
    expected = image_api.http.get(image_api.result(request_id).json()["output"]).content
    if shape is not None:
        image_api.script(faults=[{"route": "result", "shape": shape}])

    (output,) = (await client.result(request_id)).outputs
    await client.download(output, tmp_path / "output.png", LIMIT)

    assert (tmp_path / "output.png").read_bytes() == expected


async def test_a_result_without_a_picture_is_unavailable(
    client: SegmindClient, image_api: EmbeddedServer
) -> None:
    request_id = await finished(client)
    image_api.script(faults=[{"route": "result", "shape": "empty"}])
    with pytest.raises(errors.OutputUnavailable):
        await client.result(request_id)


@pytest.mark.parametrize(
    ("script", "error"),
    [({"fail": "CUDA out of memory"}, errors.InferenceFailed), ({"block": True}, errors.ContentBlocked)],
)
async def test_a_failed_request_is_a_status_and_its_result_an_error(
    client: SegmindClient,
    image_api: EmbeddedServer,
    script: dict[str, Any],
    error: type[errors.InferenceFailed],
) -> None:
    image_api.script(**script)
    submitted = await client.submit(REQUEST, IMAGE)
    status = await ended(client, submitted.request_id)
    assert status.state is ApiState.FAILED
    assert type(failed(status.error)) is error
    with pytest.raises(error):
        await client.result(submitted.request_id)
    with pytest.raises(error):
        await client.run_sync(REQUEST, IMAGE)


async def test_a_result_is_gone_after_an_hour(client: SegmindClient, image_api: EmbeddedServer) -> None:
    request_id = await finished(client)
    image_api.advance(3601)
    for call in (client.status, client.result):
        with pytest.raises(errors.RequestExpired):
            await call(request_id)


async def test_an_unknown_request_is_expired(client: SegmindClient) -> None:
    with pytest.raises(errors.RequestExpired):
        await client.status("00000000-0000-0000-0000-000000000000")


async def test_the_synchronous_call_gives_the_picture_and_its_cost(
    client: SegmindClient, tmp_path: Path
) -> None:
    result = await client.run_sync(REQUEST, IMAGE)
    (output,) = result.outputs
    assert output.data is not None
    assert output.data.startswith(PNG)
    assert result.cost == 0.0076
    assert result.request_id
    assert result.inference_time is not None
    assert result.engine == "preview engine, not Stable Diffusion"
    await client.download(output, tmp_path / "output.png", LIMIT)
    assert (tmp_path / "output.png").read_bytes() == output.data


async def test_the_history_comes_in_pages_newest_first(
    client: SegmindClient, image_api: EmbeddedServer
) -> None:
    ids = [await finished(client) for _ in range(3)]
    pages = [await client.history(page, 1) for page in (1, 2, 3)]
    assert [row.request_id for page in pages for row in page] == ids[::-1]
    assert {row.status for page in pages for row in page} == {"COMPLETED"}
    assert {row.cost for page in pages for row in page} == {0.0076}


async def test_a_history_may_be_a_bare_list(client: SegmindClient, image_api: EmbeddedServer) -> None:
    request_id = await finished(client)
    image_api.script(faults=[{"route": "history", "shape": "list"}])
    assert (await client.history())[0].request_id == request_id


async def test_an_output_that_the_server_lost_is_unavailable(
    client: SegmindClient, image_api: EmbeddedServer, tmp_path: Path
) -> None:
    (output,) = (await client.result(await finished(client))).outputs
    for fault in ({"status": 404}, {"status": 502}, {"drop": "before"}, {"drop": "after"}):
        image_api.script(faults=[{"route": "output", "times": 2, **fault}])
        with pytest.raises(errors.OutputUnavailable):
            await client.download(output, tmp_path / "output.png", LIMIT)
        assert names(tmp_path) == []


async def test_an_upload_takes_the_memory_of_a_piece(
    client: SegmindClient, image_api: EmbeddedServer, tmp_path: Path
) -> None:
    picture = tmp_path / "input.png"
    content = PNG + b"\0" * (4 * 1024 * 1024)
    picture.write_bytes(content)
    await client.upload(picture, "image/png")
    tracemalloc.start()
    try:
        url = await client.upload(picture, "image/png")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
    assert image_api.http.get(url).content == content


async def test_a_large_picture_may_go_as_base64_with_the_submit(
    client: SegmindClient, image_api: EmbeddedServer, tmp_path: Path
) -> None:
    picture = tmp_path / "input.png"
    picture.write_bytes(PNG + bytes(2 * 1024 * 1024 + 1))
    await finished(client, image=await inline_image(picture))


async def test_a_file_that_is_not_there_is_a_storage_error(client: SegmindClient, tmp_path: Path) -> None:
    with pytest.raises(errors.StorageError):
        await client.upload(tmp_path / "missing.png", "image/png")
    with pytest.raises(errors.StorageError):
        await inline_image(tmp_path / "missing.png")

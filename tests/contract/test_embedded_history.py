"""The request history: filters, pages, order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.embedded_server import PICTURE, EmbeddedServer

PATH = "/inference-request/request-history"


@pytest.fixture
def history(image_api: EmbeddedServer) -> "History":
    """Read the history of a day of its own, so that no other test's requests are in it."""
    image_api.advance(40 * 86_400)
    return History(image_api)


class History:
    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.now = datetime.fromtimestamp(server.advance(0), UTC)

    def page(self, **query: object) -> dict[str, Any]:
        answer = self.server.http.get(PATH, params={key: str(value) for key, value in query.items()})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def ids(self, **query: object) -> list[str]:
        return [row["request_id"] for row in self.page(**query)["data"]]


def test_every_state_is_listed_newest_first_and_can_be_asked_for(
    image_api: EmbeddedServer, history: History
) -> None:
    done = image_api.submit()
    image_api.finished(done)
    failed = image_api.submit(strength=3)
    image_api.finished(failed)
    image_api.script(queue_seconds="manual")
    pending = image_api.submit()

    assert history.ids() == [pending, failed, done]
    assert history.ids(sort_order="asc") == [done, failed, pending]
    assert history.ids(status="COMPLETED") == [done]
    assert history.ids(status="FAILED") == [failed]
    assert history.ids(status="PENDING") == [pending]
    states = {row["request_id"]: row["model_status"] for row in history.page()["data"]}
    assert states == {done: "COMPLETED", failed: "FAILED", pending: "PENDING"}


def test_a_row_tells_the_whole_story(image_api: EmbeddedServer, history: History) -> None:
    request_id = image_api.submit(strength=0.5, note="kept as sent")
    image_api.finished(request_id)
    (row,) = history.page()["data"]

    created = datetime.fromisoformat(row["model_created"])
    assert abs(created - history.now) < timedelta(minutes=1)
    assert row["request_body"] == {
        "prompt": "a cat",
        "image": PICTURE,
        "strength": 0.5,
        "note": "kept as sent",
    }
    assert row["model_name"] == "sd3-med-img2img"
    assert row["credits_deduction"] == 0.0076
    assert row["generation_url"].startswith(f"{image_api.url}/outputs/")
    assert row["latency_ms"] >= 0
    assert row["error"] is None


def test_a_failed_row_carries_its_error_and_cost_nothing(image_api: EmbeddedServer, history: History) -> None:
    image_api.finished(image_api.submit(strength=3))
    (row,) = history.page()["data"]
    assert "strength" in row["error"]
    assert (row["credits_deduction"], row["generation_url"]) == (0, None)


def test_several_outputs_are_several_rows_with_the_full_cost_each(
    image_api: EmbeddedServer, history: History
) -> None:
    request_id = image_api.submit(samples=3)
    image_api.finished(request_id)

    page = history.page()

    assert [row["request_id"] for row in page["data"]] == [request_id] * 3
    assert [row["credits_deduction"] for row in page["data"]] == [pytest.approx(0.0228)] * 3
    urls = [row["generation_url"] for row in page["data"]]
    assert urls == image_api.result(request_id).json()["output"]
    assert page["total"] == 3


def test_pages_divide_the_rows_without_loss(image_api: EmbeddedServer, history: History) -> None:
    requests = [image_api.submit() for _ in range(5)]
    for request_id in requests:
        image_api.finished(request_id)

    pages = [history.page(page=number, per_page=2, sort_order="asc") for number in (1, 2, 3, 4)]

    assert [len(page["data"]) for page in pages] == [2, 2, 1, 0]
    assert [row["request_id"] for page in pages for row in page["data"]] == requests
    head = {key: value for key, value in pages[1].items() if key != "data"}
    assert head == {"page": 2, "per_page": 2, "total": 5, "total_pages": 3}


def test_rows_can_be_sorted_by_cost(image_api: EmbeddedServer, history: History) -> None:
    dear, cheap = image_api.submit(samples=2), image_api.submit()
    image_api.finished(dear)
    image_api.finished(cheap)
    assert history.ids(sort_by="credits_deduction", sort_order="asc") == [cheap, dear, dear]


def test_the_model_name_matches_by_part(image_api: EmbeddedServer, history: History) -> None:
    request_id = image_api.submit()
    assert history.ids(model_name="med-img") == [request_id]
    assert history.ids(model_name="%") == []


def test_the_window_is_a_week_unless_asked_and_holds_its_last_day(
    image_api: EmbeddedServer, history: History
) -> None:
    old = image_api.submit()
    day = history.now.date()
    image_api.advance(9 * 86_400)
    new = image_api.submit()

    assert history.ids() == [new]
    assert history.ids(from_date=day) == [new, old]
    assert history.ids(from_date=day, to_date=day) == [old]
    assert history.ids(to_date=day) == [old]
    assert image_api.http.get(f"{PATH}/{old}").json()["request_id"] == old


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=²",
        "per_page=0",
        "per_page=101",
        "status=DONE",
        "sort_by=prompt",
        "sort_order=up",
        "from_date=yesterday",
        "from_date=2026-01-01&to_date=2026-02-02",
        "from_date=2026-01-02&to_date=2026-01-01",
    ],
)
def test_a_bad_query_is_refused(image_api: EmbeddedServer, query: str) -> None:
    answer = image_api.http.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    assert query.split("=", maxsplit=1)[0].removesuffix("_date") in answer.json()["error"]

"""The account's balance, as Segmind's account call gives it."""

import httpx
import pytest

from tests.contract.embedded_server import MODEL, EmbeddedServer, StartEmbedded

PATH = "/v1/get-user-credits"


def balance(server: EmbeddedServer) -> dict[str, float]:
    answer = server.http.get(PATH)
    assert answer.status_code == 200, answer.text
    body: dict[str, float] = answer.json()
    return body


def test_the_balance_is_the_grant_less_what_completed(image_api: EmbeddedServer) -> None:
    image_api.script(credits=1)
    image_api.finished(image_api.submit())
    image_api.finished(image_api.submit(samples=2))
    image_api.script(fail="Broken.")
    image_api.finished(image_api.submit())
    assert balance(image_api) == {"credits": pytest.approx(1 - 3 * 0.0076), "free-credits": 0.0}


def test_what_is_in_flight_is_not_off_it_yet(image_api: EmbeddedServer) -> None:
    image_api.script(credits=1, queue_seconds="manual")
    image_api.submit()
    assert balance(image_api)["credits"] == 1


def test_without_a_limit_there_is_much_and_it_is_counted_all_the_same(image_api: EmbeddedServer) -> None:
    before = balance(image_api)["credits"]
    image_api.finished(image_api.submit())
    assert before > 1000
    assert balance(image_api)["credits"] == pytest.approx(before - 0.0076)


def test_the_grant_of_the_command_line_counts(start_embedded: StartEmbedded) -> None:
    server = start_embedded("--credits", "0.5")
    assert balance(server) == {"credits": 0.5, "free-credits": 0.0}


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"authorization": "Bearer a-key-for-tests"}])
def test_it_is_for_whoever_has_the_key(image_api: EmbeddedServer, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{image_api.url}{PATH}", headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert "x-api-key" in answer.json()["error"]


def test_the_models_beside_it_are_found_as_before(image_api: EmbeddedServer) -> None:
    body = {"prompt": "a cat", "image": "aGVsbG8="}
    assert image_api.http.post(f"/v1/{MODEL}", json=body).status_code == 200
    assert image_api.http.post(PATH, json=body).status_code == 404

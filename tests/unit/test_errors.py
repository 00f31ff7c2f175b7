"""The error tree: drawn as it is, told to people, complete."""

import inspect
import re
from collections import Counter

import pytest

from repaint import errors
from repaint.errors import RepaintError, ServiceError
from repaint.segmind.operation import Operation
from repaint.segmind.refusals import refusal


def tree(root: type[RepaintError]) -> list[type[RepaintError]]:
    return [root] + [found for child in root.__subclasses__() for found in tree(child)]


CLASSES = [found for found in tree(RepaintError) if found.__module__ == errors.__name__]

# Segmind contract, the error table: 4xx and 5xx of a submit.
TABLE = {
    400: errors.BadRequest,
    401: errors.KeyRefused,
    403: errors.ModelForbidden,
    404: errors.NotFound,
    405: errors.WrongMethod,
    406: errors.Rejected,
    410: errors.ModelRetired,
    422: errors.InferenceFailed,
    429: errors.RateLimited,
    500: errors.ServerFault,
    502: errors.GatewayFault,
    504: errors.GatewayFault,
}


def test_the_drawn_tree_is_the_tree_of_classes() -> None:
    drawn: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"(    [│├└─ ]*)([A-Z]\w+)(\s{2,}|$)", line)
        if not found:
            continue
        depth, name = len(found[1]), found[2]
        above = [(d, n) for d, n in above if d < depth]
        drawn[name] = above[-1][1] if above else None
        above.append((depth, name))

    bases = {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}
    assert drawn == bases | {"RepaintError": None}


def test_every_error_of_the_module_descends_from_the_root() -> None:
    defined = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == errors.__name__
    }
    assert defined == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_has_a_sentence_of_its_own_without_codes(kind: type[RepaintError]) -> None:
    assert "sentence" in vars(kind)
    assert re.fullmatch(r"[A-Z].+\.", kind.sentence)
    assert not re.search(r"\d{3}|HTTP|JSON|None|[{}<>]", kind.sentence)


def test_no_two_errors_share_a_sentence() -> None:
    counted = Counter(kind.sentence for kind in CLASSES)
    assert [sentence for sentence, count in counted.items() if count > 1] == []


def test_what_the_log_needs_stays_out_of_the_sentence() -> None:
    error = errors.BadAnswer("HTTP 200: <html>", status=200)
    assert (error.detail, str(error), error.status) == ("HTTP 200: <html>", "HTTP 200: <html>", 200)
    assert error.sentence == errors.BadAnswer.sentence


def test_a_sentence_can_be_given_for_the_occasion() -> None:
    error = errors.MissingPermission(sentence="I may not attach files here.")
    assert error.sentence == str(error) == "I may not attach files here."
    assert errors.MissingPermission().sentence == errors.MissingPermission.sentence


@pytest.mark.parametrize("status", TABLE)
def test_each_row_of_the_error_table_has_a_class_that_knows_its_status(status: int) -> None:
    error = refusal(Operation.SUBMIT, status, {}, b'{"error": "no"}', 0.0)
    assert type(error) is TABLE[status]
    assert error.status == status
    assert isinstance(error, ServiceError)

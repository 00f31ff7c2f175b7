"""The request history: every request with its inputs, cost and outcome, those in flight and failed included.

`GET /inference-request/request-history` answers
`{"data": [row, …], "page": 1, "per_page": 20, "total": 57, "total_pages": 3}` (Segmind does not document the
name of the list; here it is `data`). A request with several outputs has one row each, every one with the
full cost (vendor SDK, `generations.history`). `GET …/request-history/ID` answers one row: the first output's.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web

from embedded.answers import output_url
from embedded.clock import iso
from embedded.errors import ApiError
from embedded.faults import fault_shape
from embedded.service import SERVICE, Service, base_url
from embedded.state import REQUEST_COLUMNS, Request

MAX_WINDOW = timedelta(days=31)
YEARS = range(1970, 3000)
"""What can be asked for; at the ends of the calendar there is no day before or after."""
STATES = {"COMPLETED": ("COMPLETED",), "FAILED": ("FAILED",), "PENDING": ("QUEUED", "PROCESSING")}
SORTED_BY = {
    "model_created": "requests.created_at",
    "model_name": "requests.model",
    "credits_deduction": "CASE requests.status WHEN 'COMPLETED' THEN requests.price ELSE 0 END",
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the history."""

    page: int
    per_page: int
    since: float
    before: float
    model_name: str
    states: tuple[str, ...]
    sort_by: str
    sort_order: Literal["ASC", "DESC"]


def parse_query(query: dict[str, str], now: float) -> Query:
    """Read the query string; names, defaults and limits as in the vendor SDK. Raises ApiError 400."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = _day(query, "to_date", today)
    first = _day(query, "from_date", min(today, last) - timedelta(days=7))
    if not timedelta(0) <= last - first <= MAX_WINDOW:
        raise ApiError(400, "from_date must not be after to_date, nor more than 31 days before it")
    status = query.get("status", "")
    if status and status not in STATES:
        raise ApiError(400, "status must be COMPLETED, FAILED or PENDING")
    sort_by = query.get("sort_by", "model_created")
    if sort_by not in SORTED_BY:
        raise ApiError(400, f"sort_by must be one of {', '.join(SORTED_BY)}")
    sort_order = query.get("sort_order", "desc")
    if sort_order not in ("asc", "desc"):
        raise ApiError(400, "sort_order must be asc or desc")
    return Query(
        page=_integer(query, "page", 1, 1, 1_000_000),
        per_page=_integer(query, "per_page", 20, 1, 100),
        since=first.timestamp(),
        before=(last + timedelta(days=1)).timestamp(),
        model_name=query.get("model_name", ""),
        states=STATES.get(status, sum(STATES.values(), ())),
        sort_by=sort_by,
        sort_order="ASC" if sort_order == "asc" else "DESC",
    )


def _integer(query: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name, str(default))
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else low - 1
    if not low <= value <= high:
        raise ApiError(400, f"{name} must be an integer from {low} to {high}")
    return value


def _day(query: dict[str, str], name: str, default: datetime) -> datetime:
    if name not in query:
        return default
    try:
        day = datetime.strptime(query[name], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ApiError(400, f"{name} must be a date, YYYY-MM-DD") from error
    if day.year not in YEARS:
        raise ApiError(400, f"{name} must be in the years {YEARS[0]} to {YEARS[-1]}")
    return day


SELECT = """
FROM requests LEFT JOIN files ON files.request_id = requests.id
WHERE requests.created_at >= ? AND requests.created_at < ?
  AND instr(requests.model, ?) > 0 AND requests.status IN (SELECT value FROM json_each(?))
"""


async def request_history(http: web.Request) -> web.Response:
    """GET /inference-request/request-history"""
    service = http.app[SERVICE]
    query = parse_query(dict(http.query), service.clock.now())
    matching = (query.since, query.before, query.model_name, json.dumps(query.states))
    db = service.state.db
    (total,) = db.execute(f"SELECT count(*) {SELECT}", matching).fetchone()
    way = query.sort_order
    order = f"{SORTED_BY[query.sort_by]} {way}, requests.rowid {way}, files.position"
    found = db.execute(
        f"SELECT {REQUEST_COLUMNS}, requests.body, files.name {SELECT} ORDER BY {order} LIMIT ? OFFSET ?",
        (*matching, query.per_page, (query.page - 1) * query.per_page),
    )
    rows = [row(service, http, Request(*record[:-2]), record[-2], record[-1]) for record in found]
    if fault_shape(http) == "list":
        return web.json_response(rows)
    return web.json_response(
        {
            "data": rows,
            "page": query.page,
            "per_page": query.per_page,
            "total": total,
            "total_pages": -(-total // query.per_page),
        }
    )


async def one_request(http: web.Request) -> web.Response:
    """GET /inference-request/request-history/ID, of any age that is kept."""
    service = http.app[SERVICE]
    request = service.state.request(http.match_info["request_id"])
    if request is None:
        raise ApiError(404, "Request ID not found")
    outputs = service.state.outputs(request.id)
    name = outputs[0].name if outputs else None
    return web.json_response(row(service, http, request, service.state.body(request.id), name))


def row(
    service: Service, http: web.Request, request: Request, body: str, output: str | None
) -> dict[str, Any]:
    """Return a history row. `request_body` may arrive late at Segmind; the script says how late here."""
    now = service.clock.now()
    ended = request.ended_at
    late = now < request.created_at + service.control.script.history_body_seconds
    return {
        "request_id": request.id,
        "model_name": request.model,
        "model_status": request.status if ended is not None else "PENDING",
        "credits_deduction": round(request.cost, 6),
        "request_body": None if late else json.loads(body),
        "generation_url": output and output_url(base_url(http), output),
        "latency_ms": None if ended is None else round((ended - request.created_at) * 1000),
        "model_created": iso(request.created_at),
        "created_at": iso(request.created_at),
        "updated_at": iso(ended or request.started_at or request.created_at),
        "completed_at": None if ended is None else iso(ended),
        "error": request.error,
    }

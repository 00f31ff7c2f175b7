"""The account's balance, for which Segmind has a call of its own.

Segmind docs, "Account and Billing APIs": docs.segmind.com/api-reference/account-and-billing-apis
"""

from aiohttp import web

from embedded.service import SERVICE

MADE_UP_BALANCE = 1_000_000.0
"""USD: what an account without a limit had at the beginning. Clients expect a number."""


async def user_credits(http: web.Request) -> web.Response:
    """GET /v1/get-user-credits → `{"credits": USD, "free-credits": USD}`.

    What was billed is off it; what requests in flight will cost is not. Nothing is given for free here.
    """
    service = http.app[SERVICE]
    balance = service.remaining_credits()
    if balance is None:
        balance = round(MADE_UP_BALANCE - service.state.total("spent"), 6)
    return web.json_response({"credits": balance, "free-credits": 0.0})

"""What all of Twilio's REST resources share: authentication, errors, pages."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from notifications.phones.asgi import Request, Response, answer_json

ROOT = "/2010-04-01"
DOCS = "https://www.twilio.com/docs/errors/"
PAGE_SIZE, LARGEST_PAGE = 50, 1000


class ApiError(Exception):
    """A refusal in Twilio's words: HTTP status, error code, message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> Response:
        facts = {
            "code": self.code,
            "message": self.message,
            "more_info": f"{DOCS}{self.code}",
            "status": self.status,
        }
        return answer_json(facts, self.status)


def not_found(path: str) -> ApiError:
    return ApiError(404, 20404, f"The requested resource {path} was not found")


def authenticate(request: Request, accounts: Mapping[str, str], account: str) -> None:
    """Only an account's own sid and token open its resources."""
    user, token = request.credentials
    if not user or user != account or accounts.get(user) != token:
        raise ApiError(401, 20003, "Authenticate")


def page_size(query: Mapping[str, str]) -> int:
    size = _whole(query, "PageSize", PAGE_SIZE)
    if not 1 <= size <= LARGEST_PAGE:
        raise ApiError(400, 20007, f"Page size must be from 1 to {LARGEST_PAGE}, not {size}")
    return size


def page(request: Request, name: str, rows: Iterator[dict[str, Any]]) -> Response:
    """One page of `rows`, which start where the PageToken says, or at the start without one.

    With a Page number and no token, the pages before it are skipped.
    """
    query = request.query
    size, number = page_size(query), _whole(query, "Page", 0)
    skipped = 0 if "PageToken" in query else number * size
    found = list(islice(rows, skipped, skipped + size + 1))
    more, found = len(found) > size, found[:size]

    def link(page_number: int, token: str | None = None) -> str:
        kept = {key: value for key, value in query.items() if key not in ("Page", "PageToken", "PageSize")}
        kept |= {"PageSize": str(size), "Page": str(page_number)} | ({"PageToken": token} if token else {})
        return f"{request.path}?{urlencode(kept)}"

    return answer_json(
        {
            name: found,
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(0, len(found) - 1),
            "uri": link(number, query.get("PageToken")),
            "first_page_uri": link(0),
            "previous_page_uri": link(number - 1) if number else None,
            "next_page_uri": link(number + 1, f"PA{found[-1]['sid']}") if more else None,
        }
    )


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise ApiError(400, 20001, f"{name} must be a whole number, not '{text}'")
    return int(text)

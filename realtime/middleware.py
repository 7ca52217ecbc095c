"""Counts what this process answers, and lets probes through when the database is away."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from realtime.metrics import REQUESTS

PROBES = ("/healthz", "/readyz", "/metrics")


class CountRequests:
    """Outermost. A probe is nobody: with a cookie it would look for its session, in a database that may be
    away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in PROBES:
            request.COOKIES = {}
        response = self.get_response(request)
        match = request.resolver_match
        # The pattern, not the address: an id in a label would make a series of its own.
        REQUESTS.labels(match.route if match else "none", str(response.status_code)).inc()
        return response

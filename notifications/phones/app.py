"""The ASGI application: every path, and what an exception becomes."""

from notifications.phones.asgi import (
    HangUp,
    HoldLine,
    Receive,
    Request,
    Response,
    Routes,
    Scope,
    Send,
    TooLarge,
    answer_json,
    read_request,
    send_response,
)
from notifications.phones.control import BadRequest, Control, from_here
from notifications.phones.journal import Journal
from notifications.phones.network import Network
from notifications.phones.rest import ROOT, ApiError, authenticate, not_found
from notifications.phones.rest_messages import Messages
from notifications.phones.rest_numbers import Numbers
from notifications.phones.scenario import Scenario
from notifications.phones.settings import Settings

HANG_UP = "phones.hang_up"
"""Extension of the ASGI scope: its "now" is a function that closes the connection at once."""


class App:
    def __init__(self, settings: Settings, scenario: Scenario) -> None:
        self.journal = Journal(settings.ledger, settings.clock)
        self.network = Network(settings, scenario, self.journal)
        self.routes = routes(self.network)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.network.postman.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.network.postman.stop()
        self.journal.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(await read_request(scope, receive))
        except (HangUp, HoldLine) as end:
            if isinstance(end, HangUp):
                scope["extensions"][HANG_UP]["now"]()
            while (await receive())["type"] != "http.disconnect":
                continue
            return
        except TooLarge:
            response = answer_json({"message": "The body is too large.", "status": 413}, 413)
        except ApiError as error:
            response = error.response()
        except BadRequest as error:
            response = answer_json({"error": str(error)}, 400)
        await send_response(response, send)

    async def _answer(self, request: Request) -> Response:
        handler, arguments, known = self.routes.find(request.method, request.path)
        api = request.path.startswith(ROOT)
        if api:
            self._outage()
            authenticate(
                request, self.network.settings.accounts, arguments.get("account", request.credentials[0])
            )
        if handler is None:
            raise ApiError(405, 20004, "Method not allowed") if known else not_found(request.path)
        if request.path.startswith("/control/") and not from_here(request):
            raise ApiError(403, 20403, "The controls are open to this machine only")
        return await handler(request, **arguments)

    def _outage(self) -> None:
        outage = self.network.scenario.outage
        if outage != "none":
            self.network.faults[f"outage_{outage}"] += 1
        if outage == "drop":
            raise HangUp
        if outage == "hang":
            raise HoldLine
        if outage == "500":
            raise ApiError(503, 20503, "Service unavailable")


def routes(network: Network) -> Routes:
    messages, numbers, control = Messages(network), Numbers(network), Control(network)
    account = rf"{ROOT}/Accounts/(?P<account>[^/]+)"
    found = Routes()
    found.add(rf"{account}/Messages\.json", POST=messages.create, GET=messages.list)
    found.add(
        rf"{account}/Messages/(?P<sid>\w+)\.json",
        GET=messages.fetch,
        POST=messages.update,
        DELETE=messages.delete,
    )
    found.add(rf"{account}/IncomingPhoneNumbers\.json", POST=numbers.create, GET=numbers.list)
    found.add(
        rf"{account}/IncomingPhoneNumbers/(?P<sid>\w+)\.json",
        GET=numbers.fetch, POST=numbers.update, DELETE=numbers.delete,
    )  # fmt: skip
    found.add(rf"{account}\.json", GET=numbers.account)
    found.add("/healthz", GET=control.health)
    found.add("/ledger", GET=control.ledger)
    found.add("/ledger/summary", GET=control.summary)
    found.add("/control/scenario", POST=control.scenario, GET=control.show_scenario)
    found.add("/control/reset", POST=control.reset)
    found.add("/control/say", POST=control.say)
    found.add("/control/phone", GET=control.phone)
    found.add("/", GET=control.page)
    return found

"""The addresses of sockets."""

from channels.routing import URLRouter
from django.urls import re_path

from realtime.consumers import Live, Message, Receive, Send
from realtime.hub import Hub


async def nowhere(scope: Message, receive: Receive, send: Send) -> None:
    """Any other address is refused before the handshake."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


def sockets(hub: Hub) -> URLRouter:
    """The websocket application of a process with this hub."""
    # Django's types know views only.
    live = re_path(r"^ws/live/$", Live(hub))  # type: ignore[arg-type]
    rest = re_path(r"", nowhere)  # type: ignore[arg-type]
    return URLRouter([live, rest])

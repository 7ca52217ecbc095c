"""The ASGI application: HTTP to Django, websockets to the live feed."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispatch.settings")

# Before the imports below: they touch models, which exist once Django is set up.
http = get_asgi_application()

from realtime.hub import Hub  # noqa: E402
from realtime.lifespan import Lifespan  # noqa: E402
from realtime.routing import sockets  # noqa: E402

hub = Hub()
application = ProtocolTypeRouter({"http": http, "websocket": sockets(hub), "lifespan": Lifespan(hub)})

"""The websocket of one society tells nothing of another's journal, and counts only its own numbers."""

import asyncio
import json

from websockets.asyncio.client import ClientConnection

from realtime.queries import standing
from tests.isolation.world import LIBYA, World, at_work, marks, seen
from tests.realtime.conftest import Web, database, write


async def _heard(line: ClientConnection, upto: int) -> str:
    """Every frame until one that reaches a number, as they came."""
    frames: list[str] = []
    async with asyncio.timeout(20):
        while not frames or json.loads(frames[-1])["upto"] < upto:
            frames.append(str(await line.recv()))
    return "\n".join(frames)


async def test_a_page_of_egypt_hears_nothing_of_libya(web: Web, egypt_alone: World) -> None:
    cast = egypt_alone.cast
    number = await database(lambda: standing(cast.egypt)) + 1
    async with web.line(cast.users["eman"]) as eman, web.line(cast.users["dunya"]) as dunya:
        await database(lambda: at_work(cast.libya, cast.users["dunya"], LIBYA))
        await database(lambda: write(cast.egypt, "incident.opened", mark=1))
        theirs, ours = await _heard(eman, number), await _heard(dunya, 2)
    known = await database(lambda: marks(egypt_alone))
    assert seen(theirs, known) == set()
    assert json.loads(theirs.splitlines()[-1])["upto"] == number
    assert seen(ours, known), "Libya's own page would show what is looked for"

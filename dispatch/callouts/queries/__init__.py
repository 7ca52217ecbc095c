"""Reading call-outs; call inside `society(id)`. Each is a few set-based reads, however many were asked."""

from dispatch.callouts.queries.board import Alarm, Board, alarms, board
from dispatch.callouts.queries.link import LinkCall, by_link, link_call
from dispatch.callouts.queries.lists import assignment, assignments, call_outs, incident_of, latest_call_out
from dispatch.callouts.queries.log import Log, message_log
from dispatch.callouts.queries.onmap import on_map
from dispatch.callouts.queries.outlook import Act, Preview, Wanted, act, preview

__all__ = [
    "Act",
    "Alarm",
    "Board",
    "LinkCall",
    "Log",
    "Preview",
    "Wanted",
    "act",
    "alarms",
    "assignment",
    "assignments",
    "board",
    "by_link",
    "call_outs",
    "incident_of",
    "latest_call_out",
    "link_call",
    "message_log",
    "on_map",
    "preview",
]

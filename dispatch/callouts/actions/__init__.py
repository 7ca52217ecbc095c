"""Writes of a call-out: launch and look again, answer, stand down, close.

Lock order everywhere: incident, need, message, assignment, journal counter.
"""

from dispatch.callouts.actions.answering import answer, answer_text, mark_no_show, note_delivery
from dispatch.callouts.actions.asking import (
    AlreadyCalledOut,
    NobodyLeft,
    NotOpen,
    ask_more,
    launch,
    look,
    take_due,
)
from dispatch.callouts.actions.ending import StillOpen, close, end, seen_to, stand_down

__all__ = [
    "AlreadyCalledOut",
    "NobodyLeft",
    "NotOpen",
    "StillOpen",
    "answer",
    "answer_text",
    "ask_more",
    "close",
    "end",
    "launch",
    "look",
    "mark_no_show",
    "note_delivery",
    "seen_to",
    "stand_down",
    "take_due",
]

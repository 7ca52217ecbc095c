"""Writes of a call-out: launch and look again, answer, stand down, close.

Lock order everywhere: incident, need, message, assignment, journal counter.
"""

from dispatch.callouts.actions.answering import answer, answer_text, note_delivery
from dispatch.callouts.actions.asking import AlreadyCalledOut, launch, look, take_due
from dispatch.callouts.actions.ending import close, seen_to, stand_down

__all__ = [
    "AlreadyCalledOut",
    "answer",
    "answer_text",
    "close",
    "launch",
    "look",
    "note_delivery",
    "seen_to",
    "stand_down",
    "take_due",
]

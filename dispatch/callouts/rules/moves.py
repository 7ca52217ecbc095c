"""The states of an assignment and the only moves between them; the database holds the same table.

Delivery is a fact of the message, not a state here. Counted states take a place of the need.
"""

ASKED, COMING, RESERVE, DECLINED = "asked", "coming", "reserve", "declined"
EN_ROUTE, ARRIVED, HOME_SAFE, NO_SHOW = "en_route", "arrived", "home_safe", "no_show"
STOOD_DOWN, UNREACHABLE = "stood_down", "unreachable"

STATES = (ASKED, COMING, RESERVE, DECLINED, EN_ROUTE, ARRIVED, HOME_SAFE, NO_SHOW, STOOD_DOWN, UNREACHABLE)
COUNTED = frozenset({COMING, EN_ROUTE, ARRIVED, HOME_SAFE})
# States that hold the person's one reservation among all societies. Somebody in reserve is free for another call.
TAKEN = frozenset({COMING, EN_ROUTE, ARRIVED})
# Nothing heard yet: these hear it when they are no longer needed.
SILENT = frozenset({ASKED})

MOVES: dict[str, frozenset[str]] = {
    ASKED: frozenset({COMING, RESERVE, DECLINED, STOOD_DOWN, UNREACHABLE}),
    # The phone was off and is on again, or the person answered by link: a late answer is still an answer.
    UNREACHABLE: frozenset({COMING, RESERVE, DECLINED, STOOD_DOWN}),
    # Changed mind, while the call-out is open.
    DECLINED: frozenset({COMING, RESERVE}),
    RESERVE: frozenset({COMING, DECLINED, STOOD_DOWN}),
    COMING: frozenset({EN_ROUTE, ARRIVED, DECLINED, STOOD_DOWN, NO_SHOW}),
    EN_ROUTE: frozenset({ARRIVED, DECLINED, STOOD_DOWN, NO_SHOW}),
    ARRIVED: frozenset({HOME_SAFE}),
    NO_SHOW: frozenset({ARRIVED}),
    # A yes that crossed the stand-down: willing, so kept in reserve.
    STOOD_DOWN: frozenset({RESERVE}),
    HOME_SAFE: frozenset(),
}


def allowed(old: str, new: str) -> bool:
    """Whether an assignment may move from one state to another; KeyError for a state that does not exist."""
    return new in MOVES[old]

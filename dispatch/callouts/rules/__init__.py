"""Decisions of a call-out: which moves exist, what a reply means, whom to ask next. Pure: the clock is given."""

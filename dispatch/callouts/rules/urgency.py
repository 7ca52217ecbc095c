"""How sure a dispatcher wants to be, and what may be set for a person by hand."""

# Ask until each need fills with this probability (POLICY 5).
CONFIDENCE = {"life": 0.9, "urgent": 0.8, "planned": 0.6}
# Words of the reply grammar, and no_show, which nobody says of themselves.
BY_HAND = ("coming", "declined", "reserve", "arrived", "safe", "no_show")

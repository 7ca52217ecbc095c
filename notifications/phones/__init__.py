"""The phone network: a carrier that speaks Twilio's REST API, and the people who hold the phones.

A program of its own (`python -m notifications.phones`): it shares no code with the service, which reaches
it only over HTTP, as it would reach a real carrier. Its ledger is the judge in drills, soaks and tests.
"""

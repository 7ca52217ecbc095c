"""Connects the receivers."""

from django.apps import AppConfig


class Callouts(AppConfig):
    name = "dispatch.callouts"

    def ready(self) -> None:
        from dispatch.callouts import receivers  # noqa: F401

"""Connects the receivers."""

from django.apps import AppConfig


class Realtime(AppConfig):
    name = "realtime"

    def ready(self) -> None:
        from realtime import receivers  # noqa: F401

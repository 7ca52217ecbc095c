"""What this process counts for Prometheus. Gauges over all processes are read from the database when asked
for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notifications import clock
from realtime.frames import Event

REQUESTS = Counter("nafeer_http_requests", "Requests this process answered.", ["view", "status"])
CLOSED = Counter("nafeer_live_sockets_closed", "Sockets this process closed, by code.", ["code"])
ENTRIES = Counter("nafeer_live_entries", "Journal entries this process handed out.")
LAG = Histogram(
    "nafeer_live_lag_seconds",
    "From the beginning of an action to its entry leaving the hub, real time; the oldest of each batch.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10),
)


def batch(events: Sequence[Event]) -> None:
    """Some consecutive entries were handed out."""
    ENTRIES.inc(len(events))
    begun = clock.the_clock().real_at(events[0].at)
    LAG.observe(max(0.0, (clock.real_now() - begun).total_seconds()))


class HubGauges(Collector):
    """Open sockets and where each open feed stands, asked for when scraped."""

    def __init__(self, sockets: Callable[[], int], standing: Callable[[], Mapping[UUID, int]]) -> None:
        self._sockets = sockets
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("nafeer_live_sockets", "Sockets open in this process.", value=self._sockets())
        number = GaugeMetricFamily(
            "nafeer_live_journal_number", "Where this process's feeds stand.", labels=["society"]
        )
        for society_id, upto in self._standing().items():
            number.add_metric([str(society_id)], upto)
        yield number


class Snapshot(Collector):
    """Gauges that were read a moment ago."""

    def __init__(self, gauges: Iterable[Metric]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        return self._gauges


def text(gauges: Iterable[Metric]) -> bytes:
    """This process's counts and the given gauges, in Prometheus' text format."""
    read = CollectorRegistry(auto_describe=False)
    read.register(Snapshot(gauges))
    return generate_latest(REGISTRY) + generate_latest(read)

"""What is counted for Prometheus: labels are kinds, states and sources, never people, papers or digests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from digestbot.channels.base import Misconfigured, Permanent, Temporary, Unknown
from digestbot.model.deliveries import OPEN_ENDS, Delivery, DeliveryState, Outcome
from digestbot.model.errors import DigestbotError
from digestbot.runtime.health.pulse import Pulse, free_space, waiting
from digestbot.runtime.health.watch import Watch

if TYPE_CHECKING:
    from digestbot.bootstrap import App
    from digestbot.ingest.poller import Polled
    from digestbot.model.digests import DigestRecord
    from digestbot.runtime.reloader import Reloader

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_REASONS = ((Misconfigured, "misconfigured"), (Temporary, "temporary"), (Permanent, "permanent"), (Unknown, "unknown"))
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(Watch):
    """Counters of this process, and gauges that look at the ledger and the sources whenever they are read."""

    def __init__(self, current: Reloader, pulse: Pulse) -> None:
        super().__init__(pulse)
        self.registry = registry = CollectorRegistry()
        self._digests = Counter(
            "digestbot_digests", "Digests opened, by what became of them.", ["verdict"], registry=registry
        )
        self._planned = Counter("digestbot_deliveries_planned", "Deliveries planned.", ["channel"], registry=registry)
        self._outcomes = Counter(
            "digestbot_deliveries", "Outcomes of deliveries.", ["channel", "state"], registry=registry
        )
        self._failed = Counter(
            "digestbot_sends_failed", "Attempts that failed, by why.", ["channel", "reason"], registry=registry
        )
        self._patience = Counter(
            "digestbot_sends_throttled", "Answers that asked for patience (429).", ["channel"], registry=registry
        )
        self._duplicates = Counter(
            "digestbot_possible_duplicates", "Sent again after no answer came.", ["channel"], registry=registry
        )
        self._avoided = Counter(
            "digestbot_duplicates_avoided", "Papers that a digest left out as sent before.", registry=registry
        )
        self._seconds = Histogram(
            "digestbot_send_seconds", "Time of one attempt.", ["channel"], buckets=_SECONDS, registry=registry
        )
        self._papers = Counter(
            "digestbot_ingested_papers", "Papers that sources brought.", ["source", "merged"], registry=registry
        )
        self._polls = Counter("digestbot_source_polls", "Polls of sources.", ["source", "result"], registry=registry)
        self._ticks = Counter("digestbot_ticks", "Rounds of the daemon.", registry=registry)
        lateness = Gauge("digestbot_tick_lateness_seconds", "How late the last round began.", registry=registry)
        lateness.set_function(lambda: pulse.lateness)
        silence = Gauge(
            "digestbot_tick_silence_seconds", "Seconds since the rounds' last sign of life.", registry=registry
        )
        silence.set_function(lambda: pulse.silence)
        registry.register(_Collected(current))

    def ended(self) -> None:
        """A round is over."""
        super().ended()
        self._ticks.inc()

    def opened(self, record: DigestRecord, channels: Sequence[str]) -> None:
        """A digest was opened, with one delivery to each of these channels."""
        super().opened(record, channels)
        self._digests.labels(str(record.verdict)).inc()
        self._avoided.inc(record.counts.already_sent)
        for channel in channels:
            self._planned.labels(channel).inc()

    def tried(self, channel: str, seconds: float, error: Exception | None) -> None:
        """A channel was asked to send, and how that went."""
        self._seconds.labels(channel).observe(seconds)
        if error is not None:
            self._failed.labels(channel, reason_class(error)).inc()
        if isinstance(error, Temporary) and error.too_many:
            self._patience.labels(channel).inc()

    def decided(self, delivery: Delivery, outcome: Outcome) -> None:
        """What became of a delivery was written down."""
        super().decided(delivery, outcome)
        channel = delivery.destination.channel
        self._outcomes.labels(channel, str(outcome.state)).inc()
        if outcome.state is DeliveryState.SENT and outcome.possible_duplicate:
            self._duplicates.labels(channel).inc()

    def polled(self, polled: Polled) -> None:
        """A source was polled."""
        super().polled(polled)
        self._polls.labels(polled.name, "failed" if polled.error else "done").inc()
        merged = {"new": polled.merged.new, "updated": polled.merged.updated, "duplicate": polled.merged.duplicate}
        for kind, number in merged.items():
            self._papers.labels(polled.name, kind).inc(number)

    def text(self) -> bytes:
        """All of it in Prometheus's text format (CONTENT_TYPE)."""
        return generate_latest(self.registry)


def reason_class(error: Exception) -> str:
    """Why a send failed, as one of a handful of words."""
    return next((word for kind, word in _REASONS if isinstance(error, kind)), "fault")


class _Collected(Collector):
    """How the ledger, the sources and the disk stand, looked up when it is asked."""

    def __init__(self, current: Reloader) -> None:
        self._current = current

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering looks nothing up."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges; without those that the store would say while it cannot be used."""
        app = self._current.app
        now = app.clock()
        try:
            yield from _ledger(app, now)
            yield _gauge("digestbot_store_up", "Whether the store can be used.", 1)
        except DigestbotError:
            yield _gauge("digestbot_store_up", "Whether the store can be used.", 0)
        yield _gauge("digestbot_disk_free_bytes", "Free where the data is.", free_space(app.settings.home / "data"))
        yield from _sources(app, now)


def _ledger(app: App, now: datetime) -> Iterator[GaugeMetricFamily]:
    counts = app.store.count_deliveries(OPEN_ENDS)
    standing = GaugeMetricFamily("digestbot_ledger_deliveries", "Deliveries not sent, as they stand.", labels=["state"])
    for state in sorted(OPEN_ENDS):
        standing.add_metric([str(state)], counts.get(state, 0))
    yield standing
    number, oldest = waiting(app.store, now)
    yield _gauge("digestbot_pending_deliveries", "Deliveries that could leave now.", number)
    yield _gauge("digestbot_oldest_pending_seconds", "For how long the oldest could have.", oldest.total_seconds())
    yield _gauge("digestbot_paper_log_entries", "Entries of the paper log.", app.store.head())


def _sources(app: App, now: datetime) -> Iterator[GaugeMetricFamily]:
    from digestbot.ingest.poller import source_statuses

    age = GaugeMetricFamily("digestbot_source_age_seconds", "Since a source was last read.", labels=["source"])
    state = GaugeMetricFamily("digestbot_source_state", "How a source stands.", labels=["source", "state"])
    try:
        found = source_statuses(app.settings, now)
    except DigestbotError:
        return
    for each in found:
        if each.last_read is not None:
            age.add_metric([each.config.name], (now - each.last_read).total_seconds())
        state.add_metric([each.config.name, str(each.verdict.health)], 1)
    yield from (age, state)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, what)
    gauge.add_metric([], value)
    return gauge

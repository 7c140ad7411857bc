"""Every metric of a connector, once, with its sentence; all label sets exist from the start, at zero."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from connectors.runtime.paging import Trouble
from connectors.runtime.ports import Failure, Operation, Priority, State
from schemas.dead_letter import DeadReason
from schemas.dispatch import Unknown
from schemas.feedback import FeedbackKind, OutcomeKind

DECISIONS = ("written", "same", "quarantined")
FOUND = ("missing", "changed", "withdrawn")
PUSHED = (*(kind.value for kind in OutcomeKind), "retried", "asked")
LOOPS = ("pull", "push")


class Metrics:
    """The connectors' metrics in one registry. Labels are from closed lists: no number, no name, no address."""

    def __init__(self, registry: CollectorRegistry, connectors: Iterable[str]) -> None:
        self.cursor_lag = Gauge(
            "connector_cursor_lag_seconds",
            "How far the live cursor is behind the source's now.",
            ["connector"],
            registry=registry,
        )
        self.last_success = Gauge(
            "connector_last_success_timestamp_seconds",
            "When the system last answered as it should.",
            ["connector", "loop"],
            registry=registry,
        )
        self.pulled = Counter(
            "connector_pull_records_total",
            "Records read, by what was done with them.",
            ["connector", "decision"],
            registry=registry,
        )
        self.quarantined = Counter(
            "connector_quarantined_total",
            "Records that could not be read, by reason.",
            ["connector", "reason"],
            registry=registry,
        )
        self.unknown_codes = Counter(
            "connector_unknown_codes_total",
            "Records written with a code that no table knows, by field.",
            ["connector", "field"],
            registry=registry,
        )
        self.page_seconds = Histogram(
            "connector_page_seconds",
            "From asking for a page to its records acked by Kafka.",
            ["connector"],
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
            registry=registry,
        )
        self.page_troubles = Counter(
            "connector_page_troubles_total",
            "Windows read again or cut because their pages did not add up.",
            ["connector", "trouble"],
            registry=registry,
        )
        self.unreachable = Counter(
            "connector_unreachable_records_total",
            "Records the source says it has, and serves to no question.",
            ["connector"],
            registry=registry,
        )
        self.requests = Counter(
            "connector_http_requests_total",
            "Calls, by what for and how they ended.",
            ["connector", "operation", "outcome"],
            registry=registry,
        )
        self.request_seconds = Counter(
            "connector_http_request_seconds_total",
            "Time spent in calls.",
            ["connector", "operation"],
            registry=registry,
        )
        self.budget_wait = Counter(
            "connector_budget_wait_seconds_total",
            "Time that calls waited for their turn.",
            ["connector", "priority"],
            registry=registry,
        )
        self.breaker = Gauge(
            "connector_breaker_state", "0 closed, 1 half-open, 2 open.", ["connector", "loop"], registry=registry
        )
        self.state = Gauge(
            "connector_state",
            "1 for the state that the loop is in, else 0.",
            ["connector", "loop", "state"],
            registry=registry,
        )
        self.clock_skew = Gauge(
            "connector_clock_skew_seconds",
            "How far the source's clock is ahead of ours.",
            ["connector"],
            registry=registry,
        )
        self.found = Counter(
            "connector_sweep_found_total",
            "What a sweep found that the windows had missed.",
            ["connector", "what"],
            registry=registry,
        )
        self.pushed = Counter(
            "connector_feedback_total",
            "Attempts to tell the system, by kind and what came of it.",
            ["connector", "kind", "outcome"],
            registry=registry,
        )
        self.waiting = Gauge(
            "connector_feedback_waiting",
            "Feedback read from Kafka and not yet finished.",
            ["connector"],
            registry=registry,
        )
        self.oldest = Gauge(
            "connector_unacked_age_seconds",
            "Age of the oldest feedback that the system has not taken.",
            ["connector"],
            registry=registry,
        )
        self.other_writers = Counter(
            "connector_other_writers_total", "Checkpoints of ours that another process wrote meanwhile.",
            ["connector"], registry=registry,
        )  # fmt: skip
        for name in connectors:
            self._at_zero(name)

    def _at_zero(self, name: str) -> None:
        for plain in (
            self.cursor_lag, self.page_seconds, self.unreachable, self.clock_skew, self.waiting, self.oldest,
            self.other_writers,
        ):  # fmt: skip
            plain.labels(name)
        tables: tuple[tuple[Counter | Gauge, Iterable[str]], ...] = (
            (self.last_success, LOOPS),
            (self.breaker, LOOPS),
            (self.pulled, DECISIONS),
            (self.quarantined, DeadReason),
            (self.unknown_codes, Unknown),
            (self.page_troubles, Trouble),
            (self.request_seconds, Operation),
            (self.budget_wait, (priority.name.lower() for priority in Priority)),
            (self.found, FOUND),
        )
        for metric, values in tables:
            for value in values:
                metric.labels(name, value)
        for operation in Operation:
            for outcome in ("ok", *Failure):
                self.requests.labels(name, operation, outcome)
        for kind in FeedbackKind:
            for outcome in PUSHED:
                self.pushed.labels(name, kind, outcome)
        for loop in LOOPS:
            self.show_state(name, loop, State.RUNNING)

    def show_state(self, name: str, loop: str, state: State) -> None:
        """The loop is in this state, and in no other."""
        for each in State:
            self.state.labels(name, loop, each).set(float(each is state))

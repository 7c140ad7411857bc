"""The business metrics: equal to the rows at every scrape, on whichever worker the rows are."""

from collections import Counter
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from schemas.clock import ClockName
from streams import case_metrics
from streams.case_metrics import CaseMetrics, Coverage
from streams.domain.tally import read
from tests.support.domain import a_department

SUMMARIES = [
    b"1|pending_sign||utilities|phone|1|0|0||s::0||||",
    b"1|handling|water|utilities|phone|1|0|0||h:water:1|d:water:m:1,s::m:1||h:50:1|",
    b"1|handling|water|utilities|phone|1|0|0|4|h:water:4|d:water:m:1,s::m:1|h::1|h:50:1,h:75:1|1:water:1:1,4:water:1:3",
    b"1|on_ledger|gas|housing|web|1|1|1||h:gas:0p|d:gas:l:1|d:gas:1||",
    b"1|closed|water|utilities|phone|1|0|0||b::0|h::l:1,s::m:1|h::1||1:water:1:1",
    b"1|quarantined||unknown|other|0|0|0||||||",
]


def the_metrics(codes=("water", "gas")):
    return CaseMetrics(
        [a_department(code) for code in codes],
        working_time=lambda: True,
        calendars=lambda: [Coverage("cn", 1798732800.0, 36)],
    )


def scraped(metrics):
    """(name, labels) -> value of everything that is not 0."""
    registry = CollectorRegistry()
    registry.register(metrics)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.value and "partition" in sample.labels
    }


def counted(rows, partition):
    """The same, straight from the rows."""
    totals = Counter()
    for summary in rows:
        for family, values, number in case_metrics.contributions(read(summary)):
            labels = zip((*family.labels, "partition"), (*values, str(partition)), strict=True)
            totals[(family.name + "_total" * family.counts, *sorted(labels))] += number
    return {key: number for key, number in totals.items() if number}


ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5), st.sampled_from(SUMMARIES)), max_size=40)


@given(ROWS, st.sets(st.integers(0, 40)))
def test_at_every_scrape_the_figures_are_those_of_the_rows(writes, scrapes):
    metrics, rows = the_metrics(), {}
    for partition in range(3):
        metrics.serve(partition)
    for n, (partition, key, new) in enumerate(writes):
        metrics.add(partition, rows.get((partition, key)), new)
        rows[partition, key] = new
        if n in scrapes:
            scraped(metrics)
    expected = {}
    for partition in range(3):
        expected |= counted([new for (of, _), new in rows.items() if of == partition], partition)
    assert scraped(metrics) == expected


def test_where_nobody_scrapes_no_more_is_kept_than_there_are_rows():
    metrics, was = the_metrics(), None
    for n in range(3000):
        new = SUMMARIES[1].replace(b"|1|0|0|", b"|1|%d|0|" % n)
        metrics.add(0, was, new)
        was = new
    assert metrics._partitions[0].pending == {was: 1}


def test_a_partition_is_not_shown_before_all_its_rows_are_known_nor_after_it_went():
    metrics = the_metrics()
    metrics.add(3, None, SUMMARIES[1])
    assert scraped(metrics) == {}
    metrics.serve(3)
    assert scraped(metrics) == counted(SUMMARIES[1:2], 3)
    metrics.drop(3)
    assert scraped(metrics) == {}
    metrics.add(3, None, SUMMARIES[0])
    assert scraped(metrics) == {}  # another time ours, and again being read


def falls(served_after):
    """Which counters fall while a partition moves to a worker that shows it after so many of its rows."""
    before, after = the_metrics(), the_metrics()
    for summary in SUMMARIES:
        before.add(0, None, summary)
    before.serve(0)
    was, fallen = scraped(before), set()
    for n, summary in enumerate(SUMMARIES, 1):
        after.add(0, None, summary)
        if n == served_after:
            after.serve(0)
        if now := scraped(after):
            fallen |= {key[0] for key, number in was.items() if key[0].endswith("_total") and now.get(key, 0) < number}
    assert scraped(after) == was
    return fallen


def test_where_a_partition_moves_no_counter_falls():
    assert falls(len(SUMMARIES)) == set()


def test_a_partition_that_is_shown_before_it_is_whole_is_caught():
    assert "hotline_dispatches_received_total" in falls(1)


def test_150_phone_20_written_3_interviews_with_9_persons_come_out_of_the_rows():
    metrics = the_metrics()
    metrics.serve(0)
    for n, (rung, persons) in enumerate([(1, 1)] * 150 + [(2, 1)] * 20 + [(4, 2), (4, 3), (4, 4)]):
        who = ("water", "gas")[n % 2]
        metrics.add(0, None, f"1|handling|water|utilities|phone|1|0|0|{rung}|||||{rung}:{who}:1:{persons}".encode())
    figures = Counter()
    for (name, *labels), value in scraped(metrics).items():
        figures[name, dict(labels).get("level")] += value
    times = "hotline_supervision_escalations_total"
    assert (figures[times, "phone"], figures[times, "written"], figures[times, "interview"]) == (150, 20, 3)
    assert figures["hotline_supervision_persons_total", "interview"] == 9


def test_a_summary_that_cannot_be_read_is_counted_and_spoils_nothing():
    metrics = the_metrics()
    metrics.serve(0)
    metrics.add(0, None, b"9|from a later version")
    metrics.add(0, None, SUMMARIES[0])
    registry = CollectorRegistry()
    registry.register(metrics)
    assert registry.get_sample_value("hotline_collect_errors_total") == 1
    assert registry.get_sample_value("hotline_dispatches_received_total", {"partition": "0"}) == 1


def test_counters_are_there_at_zero_from_the_first_scrape():
    metrics = the_metrics()
    metrics.serve(0)
    registry = CollectorRegistry()
    registry.register(metrics)
    for name, labels in (
        ("hotline_dispatches_received_total", {}),
        (
            "hotline_sla_cycles_completed_total",
            {"department": "gas", "clock": "department_sign", "outcome": "met_late"},
        ),
        ("hotline_sla_cycles_completed_total", {"department": "", "clock": "handling", "outcome": "met"}),
        ("hotline_sla_breaches_total", {"department": "", "clock": "callback"}),
        ("hotline_supervision_escalations_total", {"department": "gas", "level": "onsite"}),
    ):
        assert registry.get_sample_value(name, {**labels, "partition": "0"}) == 0


def test_a_county_of_50_departments_has_748_series_a_partition():
    codes = [f"d{n}" for n in range(50)]
    assert len(case_metrics.always(codes)) == 748
    # the worst: every gauge of every department and state at once, on all 12 partitions, stays below the scrape's limit
    clocks = len(ClockName) * 5
    worst = 748 + 17 * 8 + 51 * 12 + 50 * 3 * 5 + clocks + 50 * 3 + len(ClockName)
    assert worst * 12 < 40_000


def test_the_calendar_and_the_office_hours_are_asked_at_each_scrape():
    registry = CollectorRegistry()
    registry.register(the_metrics())
    assert registry.get_sample_value("hotline_working_time") == 1
    assert registry.get_sample_value("hotline_calendar_covered_days_left", {"calendar": "cn"}) == 36
    labels = {"department": "gas", "name": "gas bureau", "kind": "bureau"}
    assert registry.get_sample_value("hotline_department_info", labels) == 1


@pytest.mark.timeout(60)
def test_scrapes_beside_the_event_loop_lose_nothing():
    metrics, done = the_metrics(), Event()
    metrics.serve(0)
    registry = CollectorRegistry()
    registry.register(metrics)

    def scrape():
        while not done.is_set():
            generate_latest(registry)

    threads = [Thread(target=scrape) for _ in range(2)]
    for thread in threads:
        thread.start()
    rows = {}
    for n in range(30_000):
        key, new = n % 700, SUMMARIES[n % len(SUMMARIES)]
        metrics.add(0, rows.get(key), new)
        rows[key] = new
    done.set()
    for thread in threads:
        thread.join()
    assert scraped(metrics) == counted(rows.values(), 0)

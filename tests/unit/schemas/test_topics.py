"""Every topic stands once, keeps what it must, and a dispatch lives on the same partition everywhere."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import CASES, PARTITIONS, department_of, department_reports, partition_of, topics
from schemas.types import TYPES

CODES = ("housing", "water-co", "town-chengguan")


def test_no_topic_is_listed_twice() -> None:
    assert Counter(topic.name for topic in topics(CODES)).most_common(1)[0][1] == 1


def test_topics_keyed_by_dispatch_share_one_partition_count() -> None:
    assert {t.partitions for t in topics([]) if t.key == "dispatch id"} == {PARTITIONS}


def test_the_case_table_is_compacted_and_leaves_time_to_repair_a_stale_row() -> None:
    config = next(topic for topic in topics([]) if topic.name == CASES).config(2)
    assert config["cleanup.policy"] == "compact"
    assert int(config["min.compaction.lag.ms"]) >= 3_600_000
    assert config["min.insync.replicas"] == "2"


def test_every_payload_is_a_type_that_exists() -> None:
    names = {name.split(".")[1] for name in TYPES} | {"any"}
    assert {kind for topic in topics(CODES) for kind in topic.payload} <= names


@given(st.binary(min_size=1))
def test_a_key_has_one_partition(key: bytes) -> None:
    assert 0 <= partition_of(key) < PARTITIONS


def test_a_department_is_read_back_from_its_topic() -> None:
    assert [department_of(department_reports(code)) for code in CODES] == list(CODES)


def test_the_partition_of_a_known_key_never_changes() -> None:
    """Moved keys would break the order of every open dispatch."""
    assert [partition_of(key) for key in (b"hohhot:HS20260302000123", b"harbour:1", b"x:1")] == [7, 11, 5]

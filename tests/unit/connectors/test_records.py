"""What the loops write: derived ids, the right partition, the original bytes of what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.runtime import records
from connectors.runtime.ports import Refused
from connectors.runtime.records import Out
from connectors.runtime.seen import Seen, snapshot_id
from schemas.checkpoint import Checkpoint, Control, Desired
from schemas.codec import decode
from schemas.dead_letter import DeadReason
from schemas.dispatch import CityStatus, Dispatch, stamped
from schemas.envelope import read
from schemas.feedback import FeedbackKind, Outcome, OutcomeKind
from schemas.limits import MAX_BYTES
from schemas.topics import CHECKPOINTS, CITY, DEAD, INBOX, partition_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def dispatch(**changes: object) -> Dispatch:
    fields = {
        "id": "city:HS1", "source": "city", "number": "HS1", "digest": "0" * 16, "issued_at": NOON, "updated_at": NOON,
        "title": "停水", **changes,
    }  # fmt: skip
    return stamped(Dispatch.model_validate(fields))


def ids(*outs: Out) -> list[str]:
    return [read(out.headers).id for out in outs]


def made(one: Dispatch) -> Out:
    out = records.snapshot("c", one)
    assert isinstance(out, Out)
    return out


def test_the_same_snapshot_has_the_same_id_and_bytes_whoever_reads_it_and_when() -> None:
    assert made(dispatch()) == made(dispatch())


@pytest.mark.parametrize(
    "change",
    [
        {"title": "停电"},
        {"round": 2},
        {"status": CityStatus.WITHDRAWN},
        {"updated_at": NOON + timedelta(seconds=1)},
        {"unknown": ("category",)},
    ],
)
def test_whatever_the_city_changes_changes_the_id(change: dict[str, object]) -> None:
    assert snapshot_id(dispatch(**change)) != snapshot_id(dispatch())


def test_a_snapshot_lies_on_its_dispatchs_partition() -> None:
    out = made(dispatch())
    assert (out.topic, out.key) == (CITY, b"city:HS1")
    assert out.partition == partition_of(b"city:HS1")
    assert read(out.headers).type == "paidan.dispatch.v1"


def test_a_snapshot_that_no_reader_would_take_is_refused_here() -> None:
    huge = dispatch(city_codes={"x": "y" * MAX_BYTES})
    refused = records.snapshot("c", huge)
    assert isinstance(refused, Refused)
    assert refused.reason is DeadReason.TOO_LARGE


def test_a_refused_record_keeps_its_bytes_and_its_reason() -> None:
    refused = Refused(DeadReason.NO_NUMBER, b'{"orderNo":""}', "number")
    out = records.quarantined("c", refused)
    headers = dict(out.headers)
    assert (out.topic, out.key, out.value) == (DEAD, None, b'{"orderNo":""}')
    assert (headers["dead-reason"], headers["dead-origin"], headers["dead-detail"]) == (
        b"no_number", b"connector/c", b"number",
    )  # fmt: skip
    assert records.quarantined("c", refused) == out
    assert ids(records.quarantined("c", Refused(DeadReason.NO_NUMBER, b"{}"))) != ids(out)


def test_an_outcomes_id_comes_from_the_feedbacks() -> None:
    said = Outcome(
        dispatch="city:HS1", feedback_id="a" * 24, kind=FeedbackKind.SIGN, round=1, outcome=OutcomeKind.EXISTS, at=NOON
    )
    first = records.outcome("c", said, "")
    later = records.outcome("c", said.model_copy(update={"at": NOON + timedelta(hours=1)}), "")
    assert first.topic == INBOX
    assert ids(first) == ids(later)
    assert decode(Outcome, first.value) == said


def test_an_outcome_belongs_to_the_trace_of_its_feedback() -> None:
    said = Outcome(
        dispatch="city:HS1", feedback_id="a" * 24, kind=FeedbackKind.SIGN, round=1, outcome=OutcomeKind.EXISTS, at=NOON
    )
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    assert read(records.outcome("c", said, trace).headers).traceparent.split("-")[1] == "1" * 32


def test_checkpoints_and_controls_have_keys_that_compaction_keeps_apart() -> None:
    live = records.checkpoint(Checkpoint(connector="c", stream="live", cursor=NOON, written_at=NOON))
    wish = records.control(Control(connector="c", desired=Desired.PAUSED, by="me", at=NOON), "control")
    assert (live.key, wish.key) == (b"c/live", b"c/control")
    assert {live.topic, wish.topic} == {CHECKPOINTS}
    assert {live.partition, wish.partition} == {0}


def test_what_was_seen_is_bounded_and_forgets_the_oldest() -> None:
    seen = Seen(limit=2)
    for key in (b"a", b"b", b"a", b"c"):
        seen.wrote(key, "1")
    assert len(seen) == 2
    assert b"b" not in seen
    assert seen.same(b"a", "1")
    assert not seen.same(b"a", "2")

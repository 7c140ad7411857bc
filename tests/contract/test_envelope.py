"""The envelope is CloudEvents 1.0: by its schema, by its examples, and as another implementation reads it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from schemas.envelope import Envelope, EnvelopeError, child_trace, new_trace, read

DATA = Path(__file__).parents[3] / "shared" / "data" / "cloudevents"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the CloudEvents vectors are not on this machine")
AN_ENVELOPE = Envelope("0a1b", "/paidan/streams/cases", "paidan.fact.v1", datetime(2026, 3, 2, 1, 30, tzinfo=UTC))


def structured(headers: list[tuple[str, bytes]], data: object) -> dict[str, object]:
    """The same event in structured mode, by the rules of the Kafka binding."""
    attributes = {name[3:]: value.decode() for name, value in headers if name.startswith("ce_")}
    content = {"datacontenttype": dict(headers)["content-type"].decode(), "data": data}
    return {**attributes, **content}


@needs_data
def test_our_envelope_is_a_valid_cloudevent() -> None:
    schema = json.loads((DATA / "cloudevents.schema.json").read_text())
    validator = Draft7Validator(schema)
    assert not list(validator.iter_errors(structured(AN_ENVELOPE.headers(), {"a": 1})))
    assert list(validator.iter_errors({**structured(AN_ENVELOPE.headers(), {}), "id": ""})), "the schema checks nothing"


@needs_data
def test_the_published_example_is_read_as_it_was_meant() -> None:
    documents = list(YAML(typ="safe").load_all((DATA / "v1.yaml").read_text()))
    binary = next(document for document in documents if document["Mode"] == "binary")
    attributes = {key: value for key, value in binary["ContextAttributes"].items() if key != "Extensions"}
    time = attributes["time"].replace(tzinfo=UTC)
    headers = [(f"ce_{key}", str(value).encode()) for key, value in (attributes | {"time": time.isoformat()}).items()]
    headers += [
        (f"ce_{key.strip()}", value.encode()) for key, value in binary["ContextAttributes"]["Extensions"].items()
    ]
    envelope = read(headers)
    assert (envelope.id, envelope.source, envelope.type, envelope.time) == (
        attributes["id"],
        attributes["source"],
        attributes["type"],
        time,
    )


def test_the_cloudevents_sdk_reads_our_headers_the_same_way() -> None:
    event = from_binary_event(KafkaMessage(headers=dict(AN_ENVELOPE.headers()), key=None, value=b"{}"))
    assert (event.get_id(), event.get_source(), event.get_type()) == (
        AN_ENVELOPE.id,
        AN_ENVELOPE.source,
        AN_ENVELOPE.type,
    )
    assert event.get_time() == AN_ENVELOPE.time


@given(st.text("0123456789abcdef", min_size=1), st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back(id: str, time: datetime) -> None:
    envelope = Envelope(id, "/paidan/streams/cases", "paidan.fact.v1", time, new_trace(id))
    assert read(envelope.headers()) == envelope


@pytest.mark.parametrize("missing", ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"])
def test_a_missing_attribute_is_named(missing: str) -> None:
    headers = [(name, value) for name, value in AN_ENVELOPE.headers() if name != missing]
    with pytest.raises(EnvelopeError, match=missing):
        read(headers)


@pytest.mark.parametrize(
    ("name", "value"), [("ce_specversion", b"0.3"), ("ce_time", b"yesterday"), ("ce_id", b"\xff"), ("ce_type", b"\xff")]
)
def test_an_unreadable_attribute_is_refused(name: str, value: bytes) -> None:
    headers = [(key, value if key == name else old) for key, old in AN_ENVELOPE.headers()]
    with pytest.raises(EnvelopeError):
        read(headers)


def test_a_trace_goes_on_and_a_replay_carries_the_same_one() -> None:
    parent = new_trace("a")
    child = child_trace(parent, "b")
    assert child.split("-")[1] == parent.split("-")[1]
    assert child.split("-")[2] != parent.split("-")[2]
    assert child == child_trace(parent, "b")
    assert child_trace("not a trace", "b") == new_trace("b")

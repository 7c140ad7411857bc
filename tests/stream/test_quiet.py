"""A library that repeats itself is heard once in a while, and everything else always."""

import logging

import pytest

from streams.engine.quiet import OneOfAKind, quiet_logs


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def heard():
    """(clock, say, texts): `say` logs through a child logger of the root, as aiokafka does."""
    clock, texts = Clock(), []

    class Ear(logging.Handler):
        def emit(self, record):
            texts.append(record.getMessage())

    ear = Ear()
    ear.addFilter(OneOfAKind(seconds=10, clock=clock))
    root = logging.getLogger()
    root.addHandler(ear)
    yield clock, lambda name, text, *args: logging.getLogger(name).error(text, *args), texts
    root.removeHandler(ear)


def test_a_thousand_errors_of_a_kind_are_one_line_and_a_count(heard):
    clock, say, texts = heard
    for node in range(1000):
        say("aiokafka.conn", "Unable connect to node with id %s", node)
    clock.now = 10.0
    say("aiokafka.conn", "Unable connect to node with id %s", 1000)
    assert texts == [
        "Unable connect to node with id 0",
        "Unable connect to node with id 1000 (999 more like it held back)",
    ]


def test_another_kind_is_heard_at_once(heard):
    _, say, texts = heard
    say("aiokafka.conn", "one")
    say("aiokafka.conn", "two")
    say("aiokafka.cluster", "one")
    assert texts == ["one", "two", "one"]


def test_our_own_events_are_never_held_back(heard):
    _, say, texts = heard
    for _ in range(3):
        say("streams.engine.table", "table_read_back")
    assert len(texts) == 3


def test_kinds_without_end_do_not_fill_the_memory(heard):
    _, say, texts = heard
    for number in range(2500):
        say("faust", f"text {number}")
    assert len(texts) == 2500


def test_every_handler_of_the_root_gets_the_filter():
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)
    before = {id(other): list(other.filters) for other in root.handlers}
    try:
        quiet_logs()
        assert any(isinstance(found, OneOfAKind) for found in handler.filters)
    finally:
        root.removeHandler(handler)
        for other in root.handlers:
            other.filters[:] = before[id(other)]

"""The spool is a dictionary whose values lie in a file."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streams.engine import spool as module
from streams.engine.spool import Spool


def open_files():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


KEYS = st.sampled_from([b"a", b"b", b"c", b"d"])


class AsADictionary(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.was, module.COMPACT_BYTES = module.COMPACT_BYTES, 64
        self.chunk, module.CHUNK_BYTES = module.CHUNK_BYTES, 32
        self.at_once, module._AT_ONCE = module._AT_ONCE, 3
        self.spool, self.model, self.at = Spool(self.folder), {}, 0

    @rule(rows=st.lists(st.tuples(KEYS, st.binary(max_size=40)), max_size=6))
    def put(self, rows):
        numbered = []
        for key, value in rows:
            self.at += 1
            numbered.append((key, self.at, value[:7], value[7:]))
            self.model[key] = self.at, value
        self.spool.put(numbered)

    @rule(key=KEYS)
    def drop(self, key):
        self.spool.drop(key)
        self.model.pop(key, None)

    @precondition(lambda self: self.model)
    @rule()
    def compact(self):
        self.spool.compact()

    @invariant()
    def same(self):
        assert len(self.spool) == len(self.model)
        assert {key: (self.spool.at(key), self.spool.get(key)) for key in self.spool} == self.model
        assert self.spool.live_bytes == sum(len(value) for _, value in self.model.values())
        garbage = self.spool.file_bytes - self.spool.live_bytes
        assert garbage < 64 or garbage <= self.spool.live_bytes

    def teardown(self):
        self.spool.close()
        module.COMPACT_BYTES, module.CHUNK_BYTES, module._AT_ONCE = self.was, self.chunk, self.at_once


def test_it_behaves_like_a_dictionary(tmp_path):
    AsADictionary.folder = tmp_path
    machine = AsADictionary.TestCase
    machine.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
    machine().runTest()


def test_its_file_has_no_name_and_is_gone_with_it(tmp_path):
    before = open_files()
    spool = Spool(tmp_path)
    spool.put([(b"k", 1, b"personal data")])
    assert list(tmp_path.iterdir()) == []
    spool.close()
    assert open_files() == before


def test_large_positions_and_offsets_survive_the_packing(tmp_path):
    spool = Spool(tmp_path)
    spool.put([(b"k", 2**62, b"x" * 300_000), (b"l", 0, b"")])
    assert (spool.at(b"k"), len(spool.get(b"k")), spool.at(b"l"), spool.get(b"l")) == (2**62, 300_000, 0, b"")
    assert (spool.at(b"m"), spool.get(b"m")) == (-1, None)
    spool.close()


def test_a_full_disk_is_an_error_and_not_a_short_row(tmp_path, monkeypatch):
    spool = Spool(tmp_path)
    monkeypatch.setattr(module.os, "pwritev", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        spool.put([(b"k", 1, b"row")])


def test_a_write_the_system_cuts_short_is_finished(tmp_path, monkeypatch):
    real = os.pwrite
    for name in ("pwrite", "pwritev"):
        monkeypatch.setattr(
            module.os,
            name,
            lambda file, data, at: real(file, b"".join(data)[:3] if type(data) is list else data[:3], at),
        )
    spool = Spool(tmp_path)
    spool.put([(b"k", 1, b"longer than ", b"three bytes"), (b"l", 2, b"another")])
    assert (spool.get(b"k"), spool.get(b"l")) == (b"longer than three bytes", b"another")
    spool.close()

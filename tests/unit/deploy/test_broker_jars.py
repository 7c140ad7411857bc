"""The lock names every jar once, by hash and without a host; what does not match is not run."""

import hashlib
import socket
import subprocess
from pathlib import Path

import pytest

from deploy.broker import BrokerError, Reason
from deploy.broker.jars import LOCK, Jar, class_path, missing, read_lock

ROOT = Path(__file__).parents[3]
JARS = read_lock(LOCK.read_text())


def test_the_lock_holds_one_kafka_and_a_logging_binding():
    assert {jar.version for jar in JARS if jar.group == "org.apache.kafka"} == {"4.3.1"}
    names = [jar.name for jar in JARS]
    assert "log4j-slf4j-impl" in names
    assert len(names) == len(set(names))
    assert LOCK.read_text().splitlines() == sorted(LOCK.read_text().splitlines())


def test_no_lock_file_of_ours_names_a_host():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("no git checkout here")
    locks = [ROOT / name for name in tracked.stdout.splitlines() if name.endswith(".lock")]
    assert LOCK in locks
    assert [lock.name for lock in locks if "://" in lock.read_text()] == []


@pytest.fixture
def one_jar(tmp_path):
    """A cache with one jar and a lock that names it."""
    content = b"a jar"
    jar = Jar("org.example", "thing", "1.0", hashlib.sha256(content).hexdigest())
    file = jar.file(tmp_path / "cache")
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    lock = tmp_path / "jars.lock"
    lock.write_text(f"org.example:thing:1.0 {jar.sha256}\n")
    return jar, file, lock


def test_what_is_there_is_used_without_the_network(one_jar, tmp_path):
    _, file, lock = one_jar
    assert class_path(cache=tmp_path / "cache", lock=lock) == str(file)


def test_a_jar_that_is_not_the_one_named_is_refused_and_removed(one_jar, tmp_path):
    jar, file, lock = one_jar
    file.write_bytes(b"another jar")
    with pytest.raises(BrokerError) as refused:
        class_path(cache=tmp_path / "cache", lock=lock)
    assert refused.value.reason is Reason.JAR_DIFFERS
    assert jar.sha256 in refused.value.detail
    assert missing((jar,), tmp_path / "cache") == (jar,)


def test_without_network_the_first_fetch_says_what_it_needs(one_jar, tmp_path, monkeypatch):
    _, file, lock = one_jar
    file.unlink()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nobody)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(BrokerError) as refused:
        class_path(cache=tmp_path / "cache", lock=lock)
    assert refused.value.reason is Reason.JARS_UNREACHABLE
    assert "thing 1.0" in refused.value.detail
    assert "paidan broker fetch" in refused.value.remedy
    assert not file.exists()

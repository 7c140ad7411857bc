"""What every test gets: the language of a new process, and a real broker, fresh for each module and gone afterwards."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import console
from deploy.broker import EmbeddedBroker


def pytest_configure(config: pytest.Config) -> None:
    """kafka-python reads its own protocol files in an old way, 218 times a run: not ours to see."""
    for name in ("read_text", "open_text"):
        config.addinivalue_line("filterwarnings", f"ignore:{name} is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    """A command run within the process leaves its language behind; the file that comes next is nobody's choice."""
    console.use_language("zh")
    yield
    console.use_language("zh")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A running Kafka of the module's own; a test may kill, stop and start it, and leaves it running."""
    home: Path = tmp_path_factory.mktemp("paidan-home")
    kafka = EmbeddedBroker(home, owner_pid=os.getpid())
    kafka.start()
    try:
        yield kafka
    finally:
        kafka.stop()


@pytest.fixture(scope="module")
def bootstrap(broker: EmbeddedBroker) -> str:
    """Where that Kafka listens; the same after a restart."""
    return broker.bootstrap

"""The measured process of the engine bench: the run engine, as it ships."""

import tempfile
from pathlib import Path

from deploy.bench.hop import Hop, Stopwatch
from streams.engine import Engine, Outgoing, Run


def main() -> None:
    """Reads its job from stdin; prints its figures and ends."""
    hop = Hop.from_stdin()
    watch = Stopwatch(hop.records)
    with tempfile.TemporaryDirectory(prefix="paidan-bench-") as folder:
        engine = Engine(hop.group, {"bootstrap_servers": hop.bootstrap}, worker="w1", folder=Path(folder))

        async def handle(run: Run) -> None:
            watch.came()
            target, partition = hop.target, run.partition
            await engine.outbox.deliver(
                Outgoing(target, partition, record.key, record.value, record.headers) for record in run.records
            )
            if watch.done(len(run.records)):
                watch.tell()

        engine.agent([hop.source], handle, name="hop")
        engine.run([hop.source, hop.target])


if __name__ == "__main__":
    main()

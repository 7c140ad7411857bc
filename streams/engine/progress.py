"""What one worker has done so far: plain numbers for the watchdog, readiness and metrics."""

from dataclasses import dataclass, field

TopicPartition = tuple[str, int]


@dataclass(slots=True)
class Progress:
    """Written by the event loop only. Other threads may read single numbers; they are never more than a run late."""

    runs: int = 0
    records: int = 0
    acked: dict[TopicPartition, int] = field(default_factory=dict)
    """Next offset after the last acked run, since the partition was assigned."""
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    """Offsets the broker is known to have; a partition that never committed is absent."""

    def run_acked(self, topic: str, partition: int, next_offset: int, records: int) -> None:
        """One run is done."""
        self.runs += 1
        self.records += records
        self.acked[topic, partition] = next_offset

    def forget(self, partition: TopicPartition) -> None:
        """The partition went to somebody else."""
        self.acked.pop(partition, None)
        self.committed.pop(partition, None)

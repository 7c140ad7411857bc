"""Reads `city.feedback` for one connector, and knows what the city has answered already."""

from connectors.runtime.answered import answered
from connectors.runtime.topic_reader import TopicReader
from schemas.kafka import KafkaSettings
from schemas.topics import FEEDBACK


class FeedbackReader(TopicReader):
    """One thread."""

    def __init__(self, kafka: KafkaSettings, connector: str) -> None:
        self._kafka, self._group = kafka, f"paidan.connectors.{connector}"
        super().__init__(kafka, FEEDBACK, self._group)

    def answered(self) -> dict[str, int]:
        """See `answered.answered`."""
        return answered(self._kafka, self._group)

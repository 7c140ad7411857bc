"""The embedded broker: one real Kafka KRaft node on this machine, from pinned jars, for one county or one test run.

Everything that finds Java, fetches jars, writes Kafka's own configuration or signals the broker's process lives here.
What goes into the broker (topics, rights, records) does not, and nothing here knows what paidan sends.
"""

from deploy.broker.embedded import BrokerStatus, EmbeddedBroker
from deploy.broker.errors import BrokerError, Reason

__all__ = ["BrokerError", "BrokerStatus", "EmbeddedBroker", "Reason"]

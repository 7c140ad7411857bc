"""Faust's settings as the engine needs them: one table, and why each is what it is."""

from typing import Any, Final

RUN_RECORDS: Final = 4000
"""Longest run. Fetch limits count compressed bytes, so a run must be bounded by count as well, or one kill repeats
tens of thousands of records."""

SESSION_SECONDS: Final = 10.0
"""A worker silent for so long is replaced. A restart under the same worker name within it causes no rebalance."""

FAUST: Final[dict[str, Any]] = {
    # Runs queued before an agent; how many records are in work is `agents.Room`'s to say.
    "stream_buffer_maxsize": 2,
    # Each run waits for the broker once: with 1 MiB, runs of 1 KB records are a quarter as long and a fifth slower.
    "consumer_max_fetch_size": 4 << 20,
    "broker_max_poll_records": RUN_RECORDS,
    # Twice a second and never by count: a commit costs a round trip and the price of a late one is only repeats.
    "broker_commit_interval": 0.5,
    "broker_commit_every": None,
    "consumer_auto_offset_reset": "earliest",
    "broker_session_timeout": SESSION_SECONDS,
    "broker_heartbeat_interval": SESSION_SECONDS / 5,
    "broker_rebalance_timeout": 20.0,
    "broker_request_timeout": 30.0,
    # A revoked partition's run is finished and committed, not dropped.
    "stream_wait_empty": True,
    "stream_recovery_delay": 0.0,
    # Topics are provisioned beforehand; a worker never creates one.
    "topic_allow_declare": False,
    "topic_disable_leader": True,
    "table_standby_replicas": 0,
    # Faust's web server serves table data to anybody who asks.
    "web_enabled": False,
    "autodiscover": False,
    "worker_redirect_stdouts": False,
}

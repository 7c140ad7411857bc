"""Brings a cluster's topics to what `schemas.topics` declares, and says where they differ.

Only topics and their settings; what is in them is nobody's business here. `plan` is pure, `cluster` speaks to Kafka.
"""

from deploy.provision.cluster import apply, look, missing_error, missing_topics, require_topics
from deploy.provision.plan import Cluster, Difference, Found, Kind, plan

__all__ = [
    "Cluster", "Difference", "Found", "Kind", "apply", "look", "missing_error", "missing_topics", "plan",
    "require_topics",
]  # fmt: skip

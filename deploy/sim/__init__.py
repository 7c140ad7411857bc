"""What stands in for the outside world: a city's platform, the departments' own systems, and the rig that runs both.

City and departments speak HTTP and Kafka like any outsider and share no code with the bridge but `schemas`; only the
rig knows its commands and settings. Nothing here is part of what runs in production.
"""

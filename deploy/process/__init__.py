"""What every long-running process of ours shares: logs, health and metrics, crash points, and how it is asked to end.

Nothing here knows what the process does; what it does knows nothing of this, it is handed hooks and registries.
"""

from deploy.process.crash import crash_points
from deploy.process.logs import log_to_stderr
from deploy.process.stop import on_stop
from deploy.process.web import Health, serve

__all__ = ["Health", "crash_points", "log_to_stderr", "on_stop", "serve"]

"""One supervisor for all processes of a machine: starts them, starts again what exits, leaves none behind.

Knows processes, exit codes and log files, and nothing of what the processes do. Crash-only is only safe with it.
"""

from deploy.supervisor.processes import Processes, Standing, Status

__all__ = ["Processes", "Standing", "Status"]

"""How much memory this process took."""

import re
import resource
from pathlib import Path


def peak_mb() -> int:
    """The most that it ever held.

    `getrusage` would count what the process that started it held: the kernel keeps that figure over fork and exec.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return round((int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024)

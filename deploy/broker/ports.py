"""Free TCP ports on loopback, below the range from which the kernel takes ports for outgoing connections."""

import random
import socket

FIRST, LAST = 20_000, 30_000


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(but: frozenset[int] = frozenset()) -> int:
    """A port of 20000-30000 that is free now and not in `but`. Raises RuntimeError when 1,000 tries found none."""
    for _ in range(1_000):
        port = random.randrange(FIRST, LAST)  # noqa: S311
        if port not in but and is_free(port):
            return port
    raise RuntimeError(f"no free port between {FIRST} and {LAST}")

"""The event loop policy: uvloop where it is installed."""

import asyncio
from contextlib import suppress


def use_uvloop() -> bool:
    """Set the policy for loops made from now on: before Faust makes its own. True when uvloop is there."""
    with suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
        return True
    return False

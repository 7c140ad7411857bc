"""Room: how many records may be in work."""

import asyncio

from streams.engine.agents import Room


async def entered(entering):
    """Whether it has gone in."""
    await asyncio.wait({entering}, timeout=0.01)
    return entering.done()


async def test_short_runs_share_it_and_the_next_waits_until_one_has_left():
    room = Room(10)
    await asyncio.wait_for(room.enter(6), 1)
    await asyncio.wait_for(room.enter(4), 1)
    waiting = asyncio.create_task(room.enter(5))
    assert not await entered(waiting)
    room.leave(4)
    assert not await entered(waiting)
    room.leave(6)
    await asyncio.wait_for(waiting, 1)


async def test_a_run_larger_than_all_of_it_goes_alone():
    room = Room(10)
    await asyncio.wait_for(room.enter(25), 1)
    waiting = asyncio.create_task(room.enter(1))
    assert not await entered(waiting)
    room.leave(25)
    await asyncio.wait_for(waiting, 1)

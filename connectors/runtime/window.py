"""Which period to ask for next. Pure: the source's time is an argument."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.runtime.ports import Window
from connectors.runtime.settings import PullRules, SweepRules

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SMALLEST = timedelta(microseconds=1)


def floor(moment: datetime, grain: timedelta) -> datetime:
    """`moment`, cut down to a multiple of `grain`."""
    return moment - (moment - _EPOCH) % grain


def live(cursor: datetime, source_now: datetime, rules: PullRules, grain: timedelta) -> Window:
    """The next live window: from `overlap` before the cursor to `lag` before the source's now, at most `longest`.

    May be empty. A cursor ahead of the source's clock (it was set back) does not hide what is written now: the
    overlap counts from the earlier of the two.
    """
    end = floor(source_now - rules.lag, grain)
    start = floor(min(cursor, end) - rules.overlap, grain)
    return Window(start, min(end, start + rules.overlap + rules.longest))


def fixed(cursor: datetime, until: datetime, longest: timedelta, grain: timedelta) -> Window:
    """The next window of a period that is known: a sweep's or a backfill's. Empty when it is through.

    Its bounds are multiples of the grain: the source cannot be asked for half a second, and would answer otherwise.
    """
    start = floor(cursor, grain)
    return Window(start, min(floor(until + grain - _SMALLEST, grain), start + longest))


def first_cursor(source_now: datetime, rules: PullRules) -> datetime:
    """Where a connector without a checkpoint begins."""
    return source_now - rules.first


def beyond_retention(cursor: datetime, source_now: datetime, rules: PullRules) -> bool:
    """Whether the source may no longer serve what comes after the cursor."""
    return rules.retention is not None and source_now - cursor > rules.retention


def sweep_due(sweep: SweepRules, last: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a sweep that last began at `last` is to begin. A sweep never run begins at its own time, not at once."""
    if sweep.every is not None:
        return last is not None and now - last >= sweep.every
    assert sweep.at is not None
    local = now.astimezone(zone)
    latest = local.replace(hour=sweep.at.hour, minute=sweep.at.minute, second=sweep.at.second, microsecond=0)
    if latest > local:
        latest -= timedelta(days=1)
    return last is not None and last < latest

"""Quiet hours: when a reminder that can wait may be said. Local time of the county; they may go over midnight."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from streams.domain.deadlines import Quiet


def until(now: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that `now` lies in, in the zone of `now`; None outside of them."""
    if quiet is None:
        return None
    local = now.astimezone(zone)
    since, to = time.fromisoformat(quiet.since), time.fromisoformat(quiet.to)
    at = local.time()
    if not (since <= at < to if since <= to else at >= since or at < to):
        return None
    day = local.date() + timedelta(days=1) if at >= to else local.date()
    return datetime.combine(day, to, zone).astimezone(now.tzinfo)

"""The Retry-After header in both its forms (RFC 9110, 10.2.3). Pure."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds(header: str | None, theirs: datetime) -> float | None:
    """How long to wait; None where the header is absent or means nothing. `theirs` is the system's own now.

    A date is compared with the system's clock, not ours. A date that has passed is 0.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text) if len(text) < 10 else 1e9
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - theirs).total_seconds())


def http_date(text: str | None) -> datetime | None:
    """An HTTP date in UTC; None for anything else."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

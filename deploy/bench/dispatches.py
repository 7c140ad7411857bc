"""Invented dispatches as a connector writes them: about 1.5 KB of JSON, most of it Chinese text, for helin's routes."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from deploy.bench.rows import SYLLABLES
from deploy.county import County
from schemas.codec import encode
from schemas.dispatch import Attachment, Caller, Channel, Dispatch, Kind, Place, Urgency, stamped
from schemas.envelope import Envelope, new_trace
from schemas.ids import derived_id

SOURCE: Final = "/paidan/bench"
BEGAN: Final = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
POOL: Final = 3000
"""Different contents; they come round again far outside the window of one compressed batch."""

Sent = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value, headers."""


def dispatches(
    county: County, count: int, *, seed: int = 12345, first: int = 0, issued: datetime | None = None
) -> Iterator[Sent]:
    """`count` different dispatches, numbered from `first`; the same for the same seed.

    `issued`: all by the city at that moment, where clocks run; else one a second on a day long past.
    """
    chance = random.Random(seed)  # noqa: S311 - invented data
    categories = sorted(county.categories)
    areas = sorted({area for one in county.departments for area in one.areas if len(area) >= 6}) or ["150123"]
    moments = (issued or BEGAN + timedelta(seconds=number) for number in range(count))
    pool = [
        _content(number, moment, chance, categories, areas)
        for number, moment in zip(range(min(count, POOL)), moments, strict=False)
    ]
    for number in range(first, first + count):
        made = pool[number % len(pool)]
        city_number = f"HS2026{number:08d}"
        dispatch = made.model_copy(update={"id": f"city:{city_number}", "number": city_number})
        key = dispatch.id.encode()
        event = derived_id(dispatch.id, dispatch.round, dispatch.status, dispatch.digest)
        head = Envelope(event, SOURCE, "paidan.dispatch.v1", dispatch.updated_at, new_trace(event))
        yield key, encode(dispatch), head.headers()


def _content(number: int, issued: datetime, chance: random.Random, categories: list[str], areas: list[str]) -> Dispatch:
    def text(length: int) -> str:
        return "".join(chance.choices(SYLLABLES, k=length))

    return stamped(
        Dispatch(
            id="city:0",
            source="city",
            number="0",
            digest="0" * 16,
            issued_at=issued,
            updated_at=issued,
            due_at=issued + timedelta(days=5),
            channel=chance.choice(list(Channel)),
            kind=chance.choice(list(Kind)),
            urgency=chance.choice(list(Urgency)),
            title=text(14),
            body=text(220),
            category=chance.choice(categories),
            category_names=(text(4), text(4), text(4)),
            place=Place(area_code=chance.choice(areas), township=text(3), community=text(4), address=text(12)),
            caller=Caller(name=text(2), phone=f"138{number:08d}", contact_phone=f"139{number:08d}"),
            secret=number % 10 == 0,
            attachments=(Attachment(id="1", name="1.jpg", media_type="image/jpeg", url="https://city.example/f/1"),),
            remark=text(10),
            city_codes={"category": "010101", "area": "150123100"},
        )
    )

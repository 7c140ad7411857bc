"""Expectations of the routes: a dispatch made of conditions, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.county.files import Expectation
from schemas.dispatch import UNKNOWN_CATEGORY, Dispatch, Kind, Place, Unknown, Urgency, stamped
from streams.domain.routing import Routed, Router

_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tried:
    """One expectation and what the routes really do."""

    number: int
    """From 1, as in the file."""
    expected: Expectation
    routed: Routed

    @property
    def ok(self) -> bool:
        """Whether lead and, where asked for, assists are as expected. The order of assists does not count."""
        assists = self.expected.assists
        return self.routed.lead == self.expected.lead and (
            assists is None or sorted(assists) == sorted(self.routed.assists)
        )


def dispatch_of(
    *,
    category: str | None = None,
    area: str | None = None,
    urgency: Urgency = Urgency.NORMAL,
    kind: Kind = Kind.OTHER,
    source: str | None = None,
    text: str = "",
) -> Dispatch:
    """A dispatch that has these and nothing else. Without a category its code is one that no table knows."""
    return stamped(
        Dispatch(
            id=f"{source or 'city'}:0",
            source=source or "city",
            number="0",
            digest="0" * 16,
            issued_at=_SOME_TIME,
            updated_at=_SOME_TIME,
            kind=kind,
            urgency=urgency,
            title=text[:500],
            body=text[500:],
            category=category or UNKNOWN_CATEGORY,
            place=Place(area_code=area),
            unknown=() if category else (Unknown.CATEGORY,),
        )
    )


def try_all(router: Router, expectations: Iterable[Expectation], source: str) -> list[Tried]:
    """Every expectation, tried. `source` stands where an expectation names none."""
    return [
        Tried(
            number,
            expected,
            router.route(
                dispatch_of(
                    category=expected.category,
                    area=expected.area,
                    urgency=expected.urgency,
                    kind=expected.kind,
                    source=expected.source or source,
                    text=expected.text,
                )
            ),
        )
        for number, expected in enumerate(expectations, 1)
    ]

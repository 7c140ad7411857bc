"""Invented notices and a small county's offices, for everything that shows notices."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.runtime.notices import Received
from connectors.systems.notices import Contact, Directory, Language, Office, Translator
from schemas.ids import derived_id
from schemas.notice import Notice

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")

DIRECTORY = Directory(
    {
        "water": Office(
            code="water",
            name="自来水公司",
            name_en="Water Company",
            contacts=(
                Contact(name="甲值班", role="handler", channel="voice", address="0000-01"),
                Contact(name="乙联络", role="handler", channel="wecom", address="0000-02"),
                Contact(name="丙领导", role="leader", channel="sms", address="0000-03"),
            ),
        ),
        "housing": Office(code="housing", name="住建局"),
        "desk": Office(
            code="desk",
            name="县中心",
            contacts=(Contact(name="丁值班", role="handler", channel="voice", address="0000-04"),),
        ),
    },
    "desk",
)


def translator(language: Language = "zh", **changes: Any) -> Translator:
    return Translator(**{"directory": DIRECTORY, "zone": ZONE, "language": language, **changes})


def notice(number: str = "N1", **changes: Any) -> Notice:
    """About handling that has half of its time behind it, unless told otherwise."""
    return Notice(
        **{
            "dispatch": f"testcity:{number}",
            "seq": 5,
            "kind": "mark",
            "audience": "department",
            "department": "water",
            "occurred_at": NOON,
            "due_at": NOON + timedelta(days=3, hours=12),
            "title": "自来水管破裂",
            "clock": "handling",
            "mark": "p50",
            **changes,
        }
    )


def received(number: str = "N1", **changes: Any) -> Received:
    """With an id that follows from what it says."""
    made = notice(number, **changes)
    return Received(derived_id("notice", made.model_dump_json()), made)

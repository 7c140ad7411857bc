"""What the files of a calendar may hold: a year's table, a calendar of another kind, a county's own days and hours."""

from datetime import date, time
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, model_validator

from deploy.console import t
from deploy.county.files import FileModel
from schemas.base import Line
from streams.domain.calendar import NamedDay
from streams.domain.office_hours import NINE_TO_FIVE, Slot, Week, refused, slot

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2199, 12, 31))]
"""With a bound, because a calendar holds every day from its first named one to its last."""


class YearDay(BaseModel):
    """One day of a year's table, in the shape of holiday-cn."""

    model_config = ConfigDict(frozen=True)

    name: Line
    date: Day
    isOffDay: bool  # noqa: N815  the file's own word


class YearFile(BaseModel):
    """`<year>.json` in the shape of holiday-cn: days off, and weekends that work. Without days: not yet published.

    Late December of the year before may stand in it. What else such files hold is passed over.
    """

    model_config = ConfigDict(frozen=True)

    year: Annotated[int, Field(ge=1990, le=2199)]
    days: tuple[YearDay, ...]


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(t("时区名，如 Asia/Shanghai", "an IANA time zone, such as Asia/Shanghai"))
    return name


def _hours(value: Any) -> Slot:
    try:
        opens, closes = (edge.strip() for edge in str(value).split("-"))
        made = slot(time.fromisoformat(opens), None if closes == "24:00" else time.fromisoformat(closes))
        if made.opens < made.closes:
            return made
    except ValueError:
        pass
    raise ValueError(t('如 "08:30-12:00"', 'such as "08:30-12:00"'))


Hours = Annotated[Slot, PlainValidator(_hours)]
"""`08:30-12:00`; up to 24:00."""


class OwnDay(FileModel):
    """A day that is otherwise than the calendar says."""

    date: Day
    name: Line
    works: bool = False


class CalendarFile(FileModel):
    """`calendar.yaml` of a county: its own days and office hours, laid over the calendar that it counts by."""

    hours: tuple[Hours, ...] | None = None
    """Monday to Friday."""
    hours_on: dict[Weekday, tuple[Hours, ...]] = Field(default_factory=dict)
    """Weekdays that differ; a list without hours does not work."""
    make_up_as: Weekday = "monday"
    """Whose hours a weekend has that works."""
    days: tuple[OwnDay, ...] = ()

    @model_validator(mode="after")
    def _a_week(self) -> Self:
        said = refused(self.week(NINE_TO_FIVE), WEEKDAYS.index(self.make_up_as))
        if said is not None:
            raise ValueError(t(f"办公时间须前后相接、不重叠，且有工作的日子（{said}）", said))
        days = [day.date for day in self.days]
        for day in days:
            if days.count(day) > 1:
                raise ValueError(t(f"{day} 只写一次", f"{day} only once"))
        return self

    def week(self, otherwise: Week) -> Week:
        """The office's week; `otherwise` where the file says nothing of it."""
        usual = otherwise if self.hours is None else (self.hours,) * 5 + otherwise[5:]
        return tuple(self.hours_on.get(name, usual[number]) for number, name in enumerate(WEEKDAYS))

    def named(self, *, county: bool) -> list[NamedDay]:
        """Its days; `county`: as the county's own."""
        return [NamedDay(day.date, day.works, day.name, county) for day in self.days]


class Covers(FileModel):
    """From when to when all days that differ are listed."""

    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(t("last 不早于 first", "last not before first"))
        return self


class WholeCalendarFile(CalendarFile):
    """`calendars/<name>.yaml`: a calendar of another kind, a week with a list of holidays."""

    covers: Covers
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None
    """The county's where it is absent."""

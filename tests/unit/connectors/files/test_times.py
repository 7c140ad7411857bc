"""Times as files have them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.systems.files.times import instant

CHINA = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")

# written, formats, as UTC; None: no usable time
WRITTEN: list[tuple[object, tuple[str, ...], str | None]] = [
    ("2019/8/19 11:48:23", ("auto",), "2019-08-19T03:48:23"),
    ("2019/1/6", ("auto",), "2019-01-05T16:00:00"),
    ("2019-01-06 9:05", ("auto",), "2019-01-06T01:05:00"),
    ("2019.1.6 09:05:01", ("auto",), "2019-01-06T01:05:01"),
    ("2019年1月6日", ("auto",), "2019-01-05T16:00:00"),
    ("2019年1月6日 9时5分7秒", ("auto",), "2019-01-06T01:05:07"),
    ("2019年1月6日下午3:05", ("auto",), "2019-01-06T07:05:00"),
    ("2019/1/6 12:30:00 AM", ("auto",), "2019-01-05T16:30:00"),
    ("2019/1/6 上午12:30", ("auto",), "2019-01-05T16:30:00"),
    ("２０１９／１／６　１１：４８", ("auto",), "2019-01-06T03:48:00"),  # full width
    ("20190106", ("auto",), "2019-01-05T16:00:00"),
    ("20190106114823", ("auto",), "2019-01-06T03:48:23"),
    (20190106114823, ("auto",), "2019-01-06T03:48:23"),
    ("2019-01-06T11:48:23.5", ("auto",), "2019-01-06T03:48:23.500000"),
    ("2019-01-06T11:48:23Z", ("auto",), "2019-01-06T11:48:23"),
    ("2019-01-06 11:48:23+0900", ("auto",), "2019-01-06T02:48:23"),
    ("2019-01-06 24:00", ("auto",), "2019-01-06T16:00:00"),
    ("2019-02-29", ("auto",), None),  # no such day
    ("2019-01-06 25:00", ("auto",), None),
    ("2019-01-06 上午13:00", ("auto",), None),
    ("06/01/2019", ("auto",), None),  # day or month first: not guessed
    ("06/01/2019 11:48", ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), "2019-01-06T03:48:00"),
    ("13/25/2019 11:48", ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), None),
    ("12/25/2019 11:48", ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"), "2019-12-25T03:48:00"),
    ("43471.4919", ("excel",), "2019-01-06T03:48:20.160000"),
    ("43471.4919", ("auto",), None),  # a number in a text is a time only if the YAML says so
    (43471.4919, ("auto",), "2019-01-06T03:48:20.160000"),  # in a spreadsheet it can be nothing else
    (43471.0, ("auto",), "2019-01-05T16:00:00"),
    (7.5, ("auto",), None),
    ("1546746503", ("epoch",), "2019-01-06T03:48:23"),
    ("1546746503000", ("epoch_ms",), "2019-01-06T03:48:23"),
    (datetime.fromisoformat("2019-01-06T11:48:22.999999"), ("%d/%m/%Y",), "2019-01-06T03:48:23"),
    (date(2019, 1, 6), ("%d/%m/%Y",), "2019-01-05T16:00:00"),
    ("2019-01-06T11:48:23", ("%d/%m/%Y",), "2019-01-06T03:48:23"),  # a date cell back from quarantine
    ("", ("auto",), None),
    (None, ("auto",), None),
    ("昨天", ("auto",), None),
    ("0001-01-01", ("auto",), None),
    ("9999-12-31 23:59:59", ("auto",), None),
]


@pytest.mark.parametrize(("written", "formats", "utc"), WRITTEN)
def test_a_time_is_read_as_written(written: object, formats: tuple[str, ...], utc: str | None) -> None:
    found = instant(written, formats, CHINA)
    assert (None if found is None else found.isoformat()) == (None if utc is None else f"{utc}+00:00")


def test_a_deadline_without_a_time_of_day_is_the_end_of_that_day() -> None:
    assert instant("2019/1/6", ("auto",), CHINA, end_of_day=True) == datetime(2019, 1, 7, tzinfo=CHINA)
    assert instant("2019/1/6 00:00", ("auto",), CHINA, end_of_day=True) == datetime(2019, 1, 6, tzinfo=CHINA)


@pytest.mark.parametrize("written", ["2022-11-06 01:30:00", "2022-03-13 02:30:00"])
def test_an_hour_that_happens_twice_or_never_is_no_usable_time(written: str) -> None:
    assert instant(written, ("auto",), BOSTON) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.binary(), st.booleans()))
def test_nothing_in_a_cell_is_an_exception(cell: object) -> None:
    formats = ("auto", "iso", "excel", "epoch", "epoch_ms", "%d/%m/%Y")
    found = instant(cell, formats, CHINA)
    assert found is None or found.tzinfo is not None

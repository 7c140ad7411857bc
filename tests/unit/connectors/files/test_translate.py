"""A row becomes a dispatch, or is refused for a reason; what no table knows is flagged and never guessed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.runtime.ports import Refused
from connectors.systems.files.origin import Origin
from connectors.systems.files.rows import Row, column_key, kept
from connectors.systems.files.settings import FilesSettings
from connectors.systems.files.translate import Translator
from schemas.dead_letter import DeadReason
from schemas.dispatch import CityStatus, Dispatch, Unknown, Urgency, content_digest

SETTINGS: dict[str, Any] = {
    "source": "drop",
    "folder": "in",
    "fields": {
        "number": ["编号", "工单编号"],
        "issued_at": "时间",
        "title": "标题",
        "body": "内容",
        "status": "状态",
        "urgency": "紧急",
        "kind": {"value": "投诉"},
        "category": "分类",
        "area": "区划",
        "due_at": "期限",
        "secret": "保密",
        "about": "被诉单位",
        "caller_name": "姓名",
        "caller_phone": "电话",
        "longitude": "经度",
        "attachments": "附件",
    },
    "codes": {
        "status": {"办理中": "open", "办结": "closed"},
        "urgency": {"普通": "normal", "加急": "urgent"},
        "kind": {"投诉": "complaint"},
        "category": {"水电": "utilities", "水电/停水": "utilities.water.outage", "房屋": {"to": "housing"}},
        "area": {"150123": "和林格尔县", "城关镇": "150123100"},
        "about": {"住建局": "housing", "供水公司": "water-supply"},
    },
}
ROW: dict[str, Any] = {"编号": "A1", "时间": "2026-03-02 09:30:00", "标题": "停水"}
ORIGIN = Origin(name="导出-20260302.csv", modified=datetime(2026, 3, 2, 4, tzinfo=UTC))


def translator(**changes: Any) -> Translator:
    return Translator(FilesSettings.model_validate({**SETTINGS, **changes}))


def read(cells: dict[str, Any], with_: Translator | None = None) -> Dispatch | Refused:
    raw = kept("x.csv", 2, list(cells), list(cells.values()))
    assert raw is not None
    row = Row(line=2, cells={column_key(name): cell for name, cell in cells.items()}, raw=raw)
    return (with_ or translator()).read(row, ORIGIN)


def dispatch(cells: dict[str, Any], with_: Translator | None = None) -> Dispatch:
    made = read({**ROW, **cells}, with_)
    assert isinstance(made, Dispatch), made
    return made


def test_a_plain_row() -> None:
    made = dispatch(
        {"分类": "水电/停水", "状态": "办结", "紧急": "加急", "区划": "城关镇", "电话": "０４７１", "保密": "是"}
    )
    assert made.id == "drop:A1"
    assert made.issued_at == made.updated_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert (made.status, made.urgency, made.category) == (CityStatus.CLOSED, Urgency.URGENT, "utilities.water.outage")
    assert made.place.area_code == "150123100"
    assert made.caller is not None
    assert made.caller.phone == "0471"
    assert made.secret
    assert made.unknown == ()
    assert made.digest == content_digest(made)
    assert made.city_codes == {
        "status": "办结", "category": "水电/停水", "area": "城关镇", "urgency": "加急", "kind": "投诉"
    }  # fmt: skip


# what is wrong, cells, reason
REFUSED: list[tuple[str, dict[str, Any], DeadReason]] = [
    ("no number", {"编号": ""}, DeadReason.NO_NUMBER),
    ("a number that means nothing", {"编号": "无"}, DeadReason.NO_NUMBER),
    ("a number that cannot be an identifier", {"编号": "和字〔2026〕7号"}, DeadReason.NO_NUMBER),
    ("a number that a spreadsheet turned into a power of ten", {"编号": "1.01004E+11"}, DeadReason.NO_NUMBER),
    ("a number that a spreadsheet cut off", {"编号": 1.2345678901234567e17}, DeadReason.NO_NUMBER),
    ("no time", {"时间": ""}, DeadReason.NO_TIME),
    ("a time nobody can read", {"时间": "上周三"}, DeadReason.NO_TIME),
    ("a control character", {"标题": "停\x00水"}, DeadReason.CONTROL_CHARACTER),
    ("characters that turn the text", {"标题": "停\u202e水"}, DeadReason.BIDI_CONTROL),
    ("too large", {"内容": "水" * 100_000}, DeadReason.TOO_LARGE),
]


@pytest.mark.parametrize(("cells", "reason"), [pytest.param(*rest, id=name) for name, *rest in REFUSED])
def test_what_cannot_be_read_is_refused_with_its_reason(cells: dict[str, Any], reason: DeadReason) -> None:
    made = read({**ROW, **cells})
    assert isinstance(made, Refused)
    assert made.reason is reason
    assert made.raw
    for cell in cells.values():
        assert not cell or str(cell) not in made.detail


# cells, flag, what is kept
UNKNOWN: list[tuple[dict[str, Any], Unknown, str]] = [
    ({"分类": "噪音"}, Unknown.CATEGORY, "噪音"),
    ({"紧急": "十万火急"}, Unknown.URGENCY, "十万火急"),
    ({"区划": "火星"}, Unknown.AREA, "火星"),
    ({"区划": "150124"}, Unknown.AREA, "150124"),
    ({"被诉单位": "住建局,某某局"}, Unknown.ABOUT, "住建局,某某局"),
]


@pytest.mark.parametrize(("cells", "flag", "theirs"), UNKNOWN)
def test_a_code_that_no_table_knows_is_kept_and_flagged(cells: dict[str, Any], flag: Unknown, theirs: str) -> None:
    made = dispatch({"分类": "房屋", **cells})
    assert made.unknown == (flag,)
    assert made.city_codes[flag.value] == theirs


def test_without_a_category_the_dispatch_is_flagged_too() -> None:
    assert dispatch({}).unknown == (Unknown.CATEGORY,)


def test_a_category_path_falls_back_to_what_it_belongs_to() -> None:
    assert dispatch({"分类": "水电/漏水/主管"}).category == "utilities"
    assert dispatch({"分类": "水电/漏水/主管"}).category_names == ("水电", "漏水", "主管")
    assert dispatch({"分类": "水电气"}).category == "unknown"


def test_a_status_nobody_knows_leaves_the_dispatch_open() -> None:
    made = dispatch({"状态": "流转"})
    assert made.status is CityStatus.OPEN
    assert made.city_codes["status"] == "流转"


def test_an_unknown_secrecy_flag_keeps_the_secret() -> None:
    assert dispatch({"保密": "请勿外传"}).secret
    assert not dispatch({"保密": "否"}).secret
    assert not dispatch({}).secret


def test_departments_complained_about_are_named_once() -> None:
    assert dispatch({"被诉单位": "住建局,供水公司,住建局"}).about == ("housing", "water-supply")


def test_a_title_too_long_stands_whole_in_the_body() -> None:
    title = "停水" * 300
    made = dispatch({"标题": title, "内容": "三天了"})
    assert len(made.title) == 500
    assert made.body == f"{title}\n\n三天了"


def test_a_deadline_that_is_a_date_is_the_end_of_that_day() -> None:
    assert dispatch({"期限": "2026/3/5"}).due_at == datetime(2026, 3, 5, 16, tzinfo=UTC)


def test_a_deadline_nobody_can_read_is_kept_as_it_was_written() -> None:
    made = dispatch({"期限": "月底前"})
    assert made.due_at is None
    assert made.city_codes["due_at"] == "月底前"


def test_without_an_update_time_the_time_of_issue_stands_but_an_unreadable_one_is_refused() -> None:
    with_ = translator(fields={**SETTINGS["fields"], "updated_at": "更新"})
    assert dispatch({"更新": ""}, with_).updated_at == dispatch({}).issued_at
    refused = read({**ROW, "更新": "刚才"}, with_)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.detail) == (DeadReason.NO_TIME, "updated_at")


def test_attachments_are_links_with_a_derived_id() -> None:
    made = dispatch({"附件": "https://city.example/a/1.jpg?x=1, https://city.example/2.pdf"})
    assert [one.name for one in made.attachments] == ["1.jpg", "2.pdf"]
    assert (
        made.attachments
        == dispatch({"附件": "https://city.example/a/1.jpg?x=1,https://city.example/2.pdf"}).attachments
    )


def test_equal_content_has_an_equal_digest_whatever_the_cells_types() -> None:
    assert dispatch({"编号": 1001, "经度": 111.82}).digest == dispatch({"编号": "1001", "经度": "111.82"}).digest


# a mapping of the title, cells, the title
MAPPINGS: list[tuple[str, Any, dict[str, Any], str]] = [
    ("an alias", ["主题", "标题"], {"标题": "停水"}, "停水"),
    ("the first that is not empty", {"first": ["摘要", "标题"]}, {"摘要": " ", "标题": "停水"}, "停水"),
    ("joined", {"join": ["小区", "楼", "标题"], "with": " "}, {"小区": "东苑", "楼": "-", "标题": "停水"}, "东苑 停水"),
    ("always", {"value": "来信"}, {}, "来信"),
    ("otherwise", {"column": "主题", "otherwise": "无题"}, {}, "无题"),
    ("found", {"column": "标题", "find": r"【(.+?)】"}, {"标题": "【停水】东苑"}, "停水"),
    ("found whole", {"column": "标题", "find": r"\d+"}, {"标题": "第12栋"}, "12"),
    ("replaced", {"column": "标题", "replace": {"【": "", "】": " "}}, {"标题": "【停水】东苑"}, "停水 东苑"),
    ("a part", {"column": "标题", "split": "-", "part": 2}, {"标题": "东苑-停水-急"}, "停水"),
    ("of the file's name", {"file": "name", "find": r"(\d{8})"}, {}, "20260302"),
    ("in an object", "order.title", {"order": {"title": "停水"}}, "停水"),
    ("in one line", "标题", {"标题": "停水\n\t 三天"}, "停水 三天"),
    ("a column's name as people see it", "标 题", {"标题 *": "停水"}, "停水"),
]


@pytest.mark.parametrize(("mapping", "cells", "title"), [pytest.param(*rest, id=name) for name, *rest in MAPPINGS])
def test_a_mapping(mapping: Any, cells: dict[str, Any], title: str) -> None:
    with_ = translator(fields={"number": "编号", "issued_at": "时间", "title": mapping})
    row = {"编号": "A1", "时间": "2026-03-02 09:30:00", **cells}
    made = read(row, with_)
    assert isinstance(made, Dispatch)
    assert made.title == title


def test_the_update_time_may_be_the_files() -> None:
    fields = {**SETTINGS["fields"], "updated_at": {"file": "modified"}}
    assert dispatch({}, translator(fields=fields)).updated_at == datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_further_columns_are_kept_among_the_codes() -> None:
    made = dispatch({"点赞数": 3}, translator(keep={"likes": "点赞数"}))
    assert made.city_codes["likes"] == "3"


def test_a_quarantined_row_is_read_again_with_todays_mapping() -> None:
    refused = read({**ROW, "编号": "", "工单编号": "B7"}, translator(fields={**SETTINGS["fields"], "number": "编号"}))
    assert isinstance(refused, Refused)
    again = translator(fields={**SETTINGS["fields"], "number": "工单编号"}).read_raw(refused.raw)
    assert isinstance(again, Dispatch)
    assert again.id == "drop:B7"


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"null", b'{"a": NaN}', b"\xff", b'{"file": "x"}'])
def test_nothing_in_quarantine_is_an_exception(raw: bytes) -> None:
    assert isinstance(translator().read_raw(raw), Refused)

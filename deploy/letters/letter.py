"""A letter as one HTML page for A4 paper, laid out as an official document is (GB/T 9704-2012). Pure.

Nothing outside the page is loaded, nothing in it is run, and every text is escaped: a title was written by a citizen.
The letter is Chinese whatever language the operator reads.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from html import escape
from string import Template
from typing import Final

from connectors.systems.notices.words import CLOCKS
from deploy.letters.content import Letter, overdue
from deploy.letters.style import STYLE
from schemas.order import Rung
from streams.domain.calendar import Calendar
from streams.domain.deadlines import Mark

TITLES: Final = {Rung.WRITTEN: "催办单", Rung.ONSITE: "督办单", Rung.INTERVIEW: "督办单"}
WAYS: Final = {Rung.WRITTEN: "书面督办", Rung.ONSITE: "现场督办", Rung.INTERVIEW: "约谈督办"}

OPENINGS: Final = {
    Rung.WRITTEN: "现予书面催办。请你单位：",
    Rung.ONSITE: "经催办仍未办结，现予督办，我中心将到现场核查。请你单位：",
    Rung.INTERVIEW: "经督办仍未办结或群众仍不满意，现约谈你单位主要负责同志。请你单位：",
}
"""What the centre does, by rung of the ladder."""

DEMANDS: Final = {
    Rung.WRITTEN: (
        "立即办理，与诉求人联系并说明情况；",
        "于$answer_by前书面答复本单，写明未按时限办结的原因、目前进展和办结时间；",
        "逾期不答复或仍未办结的，将按规定升级督办，并通报分管领导。",
    ),
    Rung.ONSITE: (
        "由分管领导到现场牵头办理，备齐办理记录备查；",
        "于$answer_by前书面答复本单，写明现场情况、处理措施和办结时间；",
        "仍未办结的，将约谈你单位主要负责同志。",
    ),
    Rung.INTERVIEW: (
        "由主要负责同志按约定时间到我中心，说明未办结或群众不满意的原因；",
        "于$answer_by前书面报送整改措施、责任人和办结时间；",
        "整改情况由我中心跟踪核查。",
    ),
}
"""What is demanded, by rung; `$answer_by` stands where the time of the answer goes."""

REASONS: Final = {
    Mark.YELLOW: "该件已黄牌提醒，时限只剩一个工作日。",
    Mark.RED: "该件已红牌提醒。",
    Mark.OVERDUE5: "该件逾期已达五个工作日。",
}
"""What the mark that called for the letter adds."""

_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>$title $number</title>
<style>$style</style>
</head>
<body>
<main class="sheet">
<header>
<p class="issuer">$centre</p>
<p class="number">$title〔$year〕$number号</p>
</header>
<h1>12345派单$title</h1>
<p class="to">$to：</p>
$paragraphs
<table class="facts">
$rows
</table>
<p>$opening</p>
<ol>
$demands
</ol>
<footer>
<p class="signature">$centre</p>
<p class="signature date">$date</p>
</footer>
$record
$reply
</main>
</body>
</html>
""")

_REPLY: Final = """<section class="reply">
<h2>回　执</h2>
<table>
<tr><th>答复单位</th><td></td><th>答复人及电话</th><td></td></tr>
<tr><th>答复时间</th><td></td><th>预计办结时间</th><td></td></tr>
<tr class="tall"><th>答复内容</th><td colspan="3"></td></tr>
</table>
</section>"""
"""A slip to be filled in, while there is no answer."""


def letter(content: Letter, calendar: Calendar) -> str:
    """The page. Days are counted, and times shown, by the calendar."""
    title = TITLES[content.rung]
    answer_by = moment(content.answer_by, calendar)
    demands = (Template(demand).substitute(answer_by=answer_by) for demand in DEMANDS[content.rung])
    return _PAGE.substitute(
        style=STYLE,
        title=title,
        number=escape(content.number),
        year=f"{calendar.local(content.issued):%Y}",
        centre=escape(content.centre),
        to=escape(content.to),
        paragraphs="\n".join(f"<p>{escape(text)}</p>" for text in _paragraphs(content, calendar)),
        rows="\n".join(
            f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in _rows(content, calendar)
        ),
        opening=OPENINGS[content.rung],
        demands="\n".join(f"<li>{escape(demand)}</li>" for demand in demands),
        record=_record(content),
        date=day(content.issued, calendar),
        reply="" if content.answer else _REPLY,
    )


def _paragraphs(content: Letter, calendar: Calendar) -> Iterator[str]:
    late = overdue(content.due, content.issued, calendar)
    clock = CLOCKS[content.clock][0]
    if content.due is None:
        told = f"由你单位承办的市12345热线派单（编号{content.dispatch}），至今未办结。"
    elif late:
        told = (
            f"由你单位承办的市12345热线派单（编号{content.dispatch}），{clock}时限为"
            f"{moment(content.due, calendar)}，截至本单签发已逾期{late}。"
        )
    else:
        told = (
            f"由你单位承办的市12345热线派单（编号{content.dispatch}），{clock}时限为"
            f"{moment(content.due, calendar)}，尚未办结。"
        )
    yield told + (REASONS.get(content.mark, "") if content.mark else "")


def _rows(content: Letter, calendar: Calendar) -> Iterator[tuple[str, str]]:
    yield "派单编号", content.dispatch
    yield "事　　项", content.title or "（见派单）"
    yield "时　　限", "—" if content.due is None else moment(content.due, calendar)
    yield "逾　　期", overdue(content.due, content.issued, calendar) or "未逾期"
    yield "督办方式", f"{WAYS[content.rung]}（对该派单的第{content.step}次督办）"
    yield "答复期限", moment(content.answer_by, calendar)


def _record(content: Letter) -> str:
    """What a person noted when the step was taken; nothing while nobody has."""
    if content.by is None:
        return ""
    persons = f"（{content.persons}人）" if content.persons else ""
    told = (("经办人", content.by), ("督办对象", f"{content.whom or '—'}{persons}"), ("答　复", content.answer or "—"))
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in told)
    return f'<section class="record"><h2>督办记录</h2><table>{rows}</table></section>'


def day(instant: datetime, calendar: Calendar) -> str:
    """`2026年3月6日`: an official document writes its date in Arabic digits (GB/T 9704-2012, 7.3.5.4)."""
    local = calendar.local(instant)
    return f"{local.year}年{local.month}月{local.day}日"


def moment(instant: datetime, calendar: Calendar) -> str:
    """`2026年3月6日17时30分`; midnight is the end of a day: `2026年3月5日24时`."""
    local = calendar.local(instant)
    if local.time() == time():
        return f"{day(instant - timedelta(hours=1), calendar)}24时"
    return f"{day(instant, calendar)}{local.hour}时" + (f"{local.minute:02d}分" if local.minute else "")

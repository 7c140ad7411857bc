"""Somebody else's opinion of helin's routing: one flat table on the city's own codes, written from the county's rules.

It knows neither the county pack nor the bridge: rows of the city's journal go in, departments come out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

DUTY_DESK = "duty-desk"
URGENT = ("urgent", "critical")
VILLAGES = ("150123102", "150123103", "150123203", "150123205", "150123206", "150123207")


class Row(NamedTuple):
    """What must hold (a prefix of the code, the area, the urgency, one of the words), and who then gets it.

    `local`: the township or community takes part where the matter is one of `LOCAL_MATTERS`.
    """

    code: str
    lead: str
    assists: tuple[str, ...] = ()
    local: bool = False
    words: tuple[str, ...] = ()
    areas: tuple[str, ...] = ("",)
    urgency: tuple[str, ...] = ("normal", "urgent", "critical")


TABLE = (
    # water, power, gas, heating, telecom
    Row("010301", "gas-supply", ("emergency", "fire")),
    Row("0103", "gas-supply"),
    Row("0101", "water-resources", areas=VILLAGES),
    Row("010103", "water-supply", ("water-resources", "health")),
    Row("0101", "water-supply"),
    Row("010202", "power-supply", ("emergency",), urgency=URGENT),
    Row("0102", "power-supply"),
    Row("010402", "heating-supply", ("housing", "emergency"), urgency=URGENT),
    Row("010401", "heating-supply", ("housing",)),
    Row("010402", "heating-supply", ("housing",)),
    Row("0104", "heating-supply"),
    Row("0105", "telecom"),
    # wages and social security
    Row("020101", "hrss", ("transport",), local=True, words=("公路", "村道", "交通工程")),
    Row("020101", "hrss", ("water-resources",), local=True, words=("水利", "灌溉", "水库")),
    Row("020101", "hrss", ("housing",), local=True),
    Row("020203", "hrss", ("tax",), local=True),
    Row("02", "hrss", local=True),
    # land
    Row("030101", "natural-resources", ("finance",), local=True),
    Row("030202", "agriculture", local=True),
    Row("030204", "agriculture", local=True),
    Row("0303", "water-resources", ("natural-resources",), local=True, words=("河道", "采砂", "挖沙")),
    Row("0303", "natural-resources", ("ecology",), local=True),
    Row("03", "natural-resources", local=True),
    # housing
    Row("0402", "natural-resources", ("housing",), local=True, words=("开发商", "开发公司")),
    Row("0402", "natural-resources", local=True),
    Row("040304", "market", ("housing",), local=True),
    Row("040503", "housing-fund", local=True),
    Row("04", "housing", local=True),
    # roads
    Row("050401", "bus-company"),
    Row("0504", "transport"),
    Row("050303", "traffic-police", ("transport",)),
    Row("0503", "traffic-police"),
    Row("0502", "transport", local=True),
    Row("0501", "housing", ("urban-management",), words=("施工", "修路", "新建")),
    Row("0501", "urban-management"),
    # environment and the look of the town
    Row("060104", "housing", ("ecology",), local=True),
    Row("0601", "ecology", local=True),
    Row("060201", "forestry", local=True),
    Row("060202", "water-resources", local=True),
    Row("070102", "urban-management", ("natural-resources",), local=True),
    Row("0701", "urban-management", local=True),
    Row("0703", "urban-management", local=True),
    Row("0702", "urban-management", areas=("150123100", "150123101")),
    # market
    Row("080401", "industry"),
    Row("080402", "tax"),
    Row("0803", "development", ("market",), words=("水价", "电价", "气价", "热价", "取暖价格")),
    Row("08", "market"),
    # schools and hospitals
    Row("0902", "education", ("market",)),
    Row("09", "education"),
    Row("1002", "medical-insurance"),
    Row("100102", "health", ("justice",)),
    Row("10", "health"),
    # farms and people
    Row("110201", "forestry", local=True),
    Row("110302", "water-resources", local=True),
    Row("11", "agriculture", local=True),
    Row("120102", "disabled", local=True),
    Row("120103", "emergency", ("civil-affairs",), local=True),
    Row("1203", "veterans", local=True),
    Row("12", "civil-affairs", local=True),
    # safety and government
    Row("1301", "urban-management", ("police",), words=("流浪狗", "流浪犬")),
    Row("1301", "police"),
    Row("130201", "fire", ("housing",), local=True),
    Row("1302", "fire", local=True),
    Row("1303", "emergency", local=True),
    Row("1402", "justice"),
    Row("1403", "petition-office"),
    Row("1401", "government-service"),
    Row("15", "culture-tourism"),
)

LOCAL_MATTERS = (
    "16", "0702", "070102", "0401", "0403", "0404", "040501", "040502", "03", "0201", "0502", "06", "11", "120101",
    "120103", "130201", "1303",
)  # fmt: skip

PLACES = {
    "150123100001": "chengguan-first", "150123100002": "chengguan-second", "150123100003": "chengguan-third",
    "150123100": "chengguan", "150123101": "shengle", "150123102": "xindianzi", "150123103": "qiaoshiying",
    "150123203": "shebiya", "150123205": "dahongcheng", "150123206": "yangqungou", "150123207": "heilaoyao",
    "150123400": "shengle-park", "150123401": "new-area",
}  # fmt: skip

MATTERS = {row.code[:2] for row in TABLE} | {"16"}


def expected(order: dict[str, Any], about: str = "") -> tuple[str, ...]:
    """Who gets this order at first, the lead before the assists. `about` is the department complained of."""
    if order["category"][:2] not in MATTERS:
        return (DUTY_DESK,)
    first = _answer(order, "")
    if about and first[0] == about and (other := _answer(order, about)) != (DUTY_DESK,):
        return other
    return first


def _answer(order: dict[str, Any], without: str) -> tuple[str, ...]:
    if order["kind"] == "praise" and without != DUTY_DESK:
        return (DUTY_DESK,)
    local = _local(order)
    if local == without:
        local = ""
    for row in TABLE:
        if row.lead != without and _holds(row, order):
            joined = (*row.assists, local) if row.local and local else row.assists
            return (row.lead, *(code for code in dict.fromkeys(joined) if code != row.lead))
    if local:
        return (local,)
    if order["category"].startswith("0702") and without != "urban-management":
        return ("urban-management",)
    return (DUTY_DESK,)


def _holds(row: Row, order: dict[str, Any]) -> bool:
    text = (order["title"], order["content"])
    return (
        order["category"].startswith(row.code)
        and order["area"].startswith(row.areas)
        and order["urgency"] in row.urgency
        and (not row.words or any(word in part for word in row.words for part in text))
    )


def _local(order: dict[str, Any]) -> str:
    if not order["category"].startswith(LOCAL_MATTERS):
        return ""
    return PLACES.get(order["area"][:12]) or PLACES.get(order["area"][:9], "")


def expectations(
    city_journal: Path, units: dict[str, str], source: str = "city"
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(dispatch id, departments) for every order that the journal issued once and never changed before it was routed.

    `units`: name -> code of departments that may be complained of. Orders whose content changed are left out: which
    version was routed first is not the city's knowledge.
    """
    issued: dict[str, dict[str, Any]] = {}
    changed: set[str] = set()
    with city_journal.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event["event"] == "issued":
                issued[event["order"]] = event["row"]
            elif event["event"] == "amended" and not set(event.get("fields", ("?",))) <= {"content", "due_at"}:
                changed.add(event["order"])
    for number, row in issued.items():
        if number not in changed:
            yield f"{source}:{number}", expected(row, units.get(row["about"], ""))

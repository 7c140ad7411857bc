"""Invented rows of a realistic size and compressibility: about 1.9 KB of JSON, most of it Chinese text."""

import json
import random
from collections.abc import Iterator
from typing import Any, Final

SYLLABLES: Final = (
    "小区供水管道破裂路面积水严重居民出行不便请尽快派人维修处理街道办事处已联系物业公司回复反映人要求核实情况"
    "拖欠工资农民工劳动监察大队调查用人单位约谈支付期限承诺书签订土地确权宅基地纠纷村委会调解未果申请复核"
    "房屋质量漏水开发商整改产权证办理时限不动产登记中心窗口咨询电话热力公司温度不达标退费标准测温记录"
    "路灯不亮井盖缺失噪声扰民夜间施工渣土车扬尘占道经营城管执法巡查责令限期恢复原状群众满意回访登记编号"
)

POOL: Final = 5000
"""Different values; they come round again far outside the window of one compressed batch."""


def row_key(number: int) -> bytes:
    """As a dispatch id looks: source, colon, the city's number."""
    return b"city:2026%010d" % number


def rows(count: int, seed: int = 12345) -> Iterator[tuple[bytes, bytes]]:
    """`count` pairs of key and value (UTF-8 JSON of 1.8 to 2.0 KB), the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - invented data
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(6000)]
    pool = [_value(number, chance, words) for number in range(min(count, POOL))]
    for number in range(count):
        yield row_key(number), pool[number % POOL]


def _value(number: int, chance: random.Random, words: list[str]) -> bytes:
    def text(length: int) -> str:
        return "".join(chance.choices(words, k=length))

    instant = 1_790_000_000_000 + number * 977
    row: dict[str, Any] = {
        "v": 1,
        "state": chance.choice(("assigned", "signed", "working", "answered", "closed")),
        "round": 1,
        "seq": chance.randint(3, 40),
        "title": text(5),
        "content": text(65),
        "address": text(5),
        "area": chance.choice(("150123001", "150123002", "150123100", "150123101")),
        "category": [text(1), text(1), text(1)],
        "assignments": [
            {"to": f"dept-{chance.randint(1, 40)}", "role": role, "state": "signed", "sent": instant}
            for role in ("lead", "assist")
        ],
        "answer": {"internal": text(35), "public": text(22)},
        "seen": [f"{chance.getrandbits(96):024x}" for _ in range(6)],
    }
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()

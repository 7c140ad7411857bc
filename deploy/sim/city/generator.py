"""Plausible orders, all invented, decided by a seed and a running number alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from random import Random

from deploy.sim.city.order import Order

Pair = tuple[str, str]

UNKNOWN_CATEGORY = ("990001", "其他/新增事项/暂未编码")
"""A code that no table of a county knows."""

_DEFAULT_CATEGORIES: tuple[Pair, ...] = (
    ("010101", "市政公用/供水/停水"),
    ("010201", "市政公用/供电/停电"),
    ("010301", "市政公用/供热/室温不达标"),
    ("020101", "人社/劳动报酬/拖欠工资"),
    ("030101", "自然资源/土地/征地补偿"),
    ("040101", "住建/房屋质量/漏水"),
    ("040201", "住建/不动产/办证难"),
)
_DEFAULT_AREAS: tuple[Pair, ...] = (
    ("150123100", "城关镇"),
    ("150123101", "盛乐镇"),
    ("150123102", "新店子镇"),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What orders are about: the city's codes with their names."""

    categories: tuple[Pair, ...] = _DEFAULT_CATEGORIES
    """The first ones are what people call about most."""
    areas: tuple[Pair, ...] = _DEFAULT_AREAS
    units: tuple[str, ...] = ()
    """Names or codes of units that complaints may be about."""

    @property
    def weights(self) -> list[float]:
        """How often each category comes, one against another."""
        return [1 / (place + 6) for place in range(len(self.categories))]

    @classmethod
    def read(cls, file: Path) -> "Ground":
        """From JSON: {"categories": [[code, name]], "areas": [[code, town]], "units": [name]}."""
        found = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            tuple((code, name) for code, name in found["categories"]),
            tuple((code, name) for code, name in found["areas"]),
            tuple(found.get("units", ())),
        )

    def write(self, file: Path) -> None:
        """What `read` reads."""
        text = json.dumps({"categories": self.categories, "areas": self.areas, "units": self.units}, ensure_ascii=False)
        file.write_text(text, encoding="utf-8")


_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_PLACES = ("家园小区", "新村", "花园", "嘉苑", "佳苑", "文苑小区", "平房区", "安置房", "商业街", "市场")
_NAMES = ("和顺", "盛乐", "白塔", "云谷", "蒙苑", "金盛", "宝贝河", "福临", "锦绣", "祥和", "昌盛", "惠民")
_SINCE = ("昨晚八点起", "今天早上开始", "已有三天", "上周以来", "近一个月", "去年入冬后", "连续多日")
_ASKS = (
    "请尽快派人核实处理，并电话告知结果。",
    "此前向村委会反映过，一直没有答复。",
    "家中有老人和孩子，生活受到影响。",
    "希望有关部门给出明确的办理时间。",
    "同楼的几户都有同样的情况。",
)
_OPENINGS = ("来电人反映", "群众来电称", "市民反映", "来电人咨询并反映")
_SUFFIXES = ("请予解决", "何时处理", "多次反映未果", "影响生活", "请核实", "诉求")
_OPINIONS = ("请按规定时限办理并回复来电人。", "请核实办理，结果报市中心。", "请主办单位牵头办理。", "")


def write_order(
    ground: Ground,
    seed: int,
    index: int,
    number: str,
    at: int,
    category: Pair | None = None,
    like: Pair | None = None,
) -> Order:
    """The `index`-th order of this seed, issued and last changed at `at` (epoch seconds); `like`: kind and urgency."""
    draw = _drawer(seed, index)
    code, name = category or draw.choices(ground.categories, ground.weights)[0]
    area, town = draw.choice(ground.areas)
    community = f"{draw.choice(_NAMES)}社区"
    place = f"{draw.choice(_NAMES)}{draw.choice(_PLACES)}"
    matter = name.rsplit("/", 1)[-1]
    kind = draw.choices(("consult", "help", "complaint", "report", "suggestion", "praise"), (15, 40, 33, 6, 5, 1))[0]
    urgency = draw.choices(("normal", "urgent", "critical"), (85, 13, 2))[0]
    kind, urgency = like or (kind, urgency)
    surname, phone = draw.choice(_SURNAMES), f"1380000{draw.randrange(10_000):04d}"
    about = (
        draw.choice(ground.units) if ground.units and kind in ("complaint", "report") and draw.random() < 0.2 else ""
    )
    return Order(
        number=number,
        title=f"{town}{place}{matter}，{draw.choice(_SUFFIXES)}",
        content=_content(draw, town, place, matter),
        kind=kind,
        urgency=urgency,
        category=code,
        category_name=name,
        area=area,
        town=town,
        community=community,
        address=f"{town}{place}{draw.randrange(1, 30)}号楼{draw.randrange(1, 6)}单元",
        longitude=round(111.6 + draw.random() * 0.6, 6),
        latitude=round(40.1 + draw.random() * 0.5, 6),
        caller=f"{surname}{draw.choice(('先生', '女士'))}",
        phone=phone,
        contact_phone=phone,
        secret=draw.random() < 0.05,
        channel=draw.choices(
            ("phone", "web", "wechat", "app", "inspector", "province", "mail"), (60, 3, 5, 3, 24, 3, 2)
        )[0],
        about=about,
        issued_at=at,
        updated_at=at,
        due_at=at + {"critical": 2 * 3600, "urgent": 24 * 3600}.get(urgency, 5 * 86_400),
        opinion=draw.choice(_OPINIONS),
        attachments=tuple(
            f"https://files.example/{number}/{place_no}.jpg" for place_no in range(draw.choice((0, 0, 1, 2)))
        ),
    )


def amended_content(seed: int, order: Order) -> str:
    """The same text with what the caller added since."""
    draw = _drawer(seed, order.number, order.version)
    return f"{order.content}（第{order.version}次补充：{draw.choice(_SINCE)}情况加重，{draw.choice(_ASKS)}）"


def chance(seed: int, *parts: str | int) -> float:
    """In [0, 1), decided by its arguments alone."""
    return _mix(seed, *parts) / 2**64


def _content(draw: Random, town: str, place: str, matter: str) -> str:
    asks: Sequence[str] = draw.sample(_ASKS, 2)
    return f"{draw.choice(_OPENINGS)}：{town}{place}{draw.choice(_SINCE)}存在{matter}问题。{''.join(asks)}"


def _drawer(*parts: str | int) -> Random:
    return Random(_mix(*parts))  # noqa: S311


def _mix(*parts: str | int) -> int:
    return int.from_bytes(blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest())

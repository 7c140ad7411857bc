"""The time of the tour: an ordinary Friday before a Saturday on which China works, 2,000 times faster."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from deploy.console import t
from deploy.sim.rig import Hastened
from streams.names import TICK_SECONDS

ZONE: Final = ZoneInfo("Asia/Shanghai")
HELD: Final = (datetime(2026, 10, 8, 14, 30, tzinfo=ZONE), datetime(2026, 10, 8, 17, 30, tzinfo=ZONE))
"""Between these instants the city ordered what it shows only on the Friday."""

HELD_LIKE: Final = (("consult", "normal"), ("help", "urgent"))
"""Their kind and urgency: what is over on the Friday."""

HASTENED: Final = Hastened(
    start=datetime(2026, 10, 9, 6, 0, tzinfo=ZONE),
    rate=2000,
    least=dict.fromkeys(("sign", "department_sign", "contact", "review"), "15 hours"),
    unsigned=3.0,
    late_p=0.4,
    extend_cap=8,
)


def widened() -> str:
    """What the tour allows that the county does not, and why."""
    minutes = f"{TICK_SECONDS * HASTENED.rate / 60:.1f}"
    return t(
        "时间快 2,000 倍：20 分钟只有 0.6 秒，程序本身并不更快，所以演示中签收、联系群众、"
        "审核至少 15 小时；其余时限与县里的 deadlines.yaml 相同。"
        f"定时器每 {TICK_SECONDS} 秒看一次，这里就是 {minutes} 分钟",
        "time runs 2,000 times faster: 20 minutes are 0.6 s, and the machine is no faster. So signing, contact and "
        "review have at least 15 hours here; all else is the county's deadlines.yaml. The timers look every "
        f"{TICK_SECONDS} s, which is {minutes} minutes here",
    )

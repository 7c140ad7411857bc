"""The simulated city keeps what its interface promises, in both dialects."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from deploy.sim.city import City, Fault, Faults, Settings, serve
from deploy.sim.city.beta import SECRET, Beta, sign
from deploy.sim.city.dialect import local
from deploy.sim.city.faults import Call
from deploy.sim.city.helin import APP_KEY, APP_SECRET, Helin
from deploy.sim.driver import CityError, Driver
from tests.support.waiting import eventually

NOW = 1_795_000_000.25


@dataclass
class Clock:
    """Real time as the city sees it, moved by hand."""

    at: float = NOW

    def __call__(self) -> float:
        return self.at


@dataclass
class Client:
    """What both dialects can say, in the city's own words: rows by time, and what became of something told."""

    http: httpx2.Client
    clock: Clock
    token: str = ""
    codes: dict[str, str] = field(default_factory=dict)

    def rows(self, start: float, end: float) -> list[Any]:
        raise NotImplementedError

    def tell(self, kind: str, order: str, serial: str = "", round: int = 1, **fields: Any) -> str:
        raise NotImplementedError

    def heard(self, order: str) -> list[tuple[str, str]]:
        raise NotImplementedError


class HelinClient(Client):
    def log_in(self) -> None:
        answer = self.http.post("/api/token", json={"appKey": APP_KEY, "appSecret": APP_SECRET}).json()
        self.token = answer["data"]["token"]

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query, headers={"X-Token": self.token})

    def page(self, start: float, end: float, number: int = 1, size: int = 200) -> Any:
        times = {"updateTimeStart": local(start, "%Y-%m-%d %H:%M:%S"), "updateTimeEnd": local(end, "%Y-%m-%d %H:%M:%S")}
        return self.get("/api/orders", **times, pageNum=number, pageSize=size).json()["data"]

    def rows(self, start: float, end: float) -> list[Any]:
        found: list[Any] = []
        for number in range(1, 10):
            page = self.page(start, end, number)
            found += page["rows"]
            if len(page["rows"]) < 200:
                break
        return found

    def tell(self, kind: str, order: str, serial: str = "", round: int = 1, **fields: Any) -> str:
        at = local(self.clock(), "%Y-%m-%d %H:%M:%S")
        body: dict[str, Any] = {"orderNo": order, "serialNo": serial or uuid4().hex}
        if kind == "sign":
            path, body = "sign", body | {"signTime": at, "signUnit": "县中心"}
        else:
            types = {"contact": "1", "progress": "2", "result": "3", "return": "4", "extension": "5"}
            path, body = "feedback", body | {"feedbackType": types[kind], "feedbackTime": at, "unitName": "水务局"}
            body["handleTimes"] = round
        names = {"reply": "publicReply", "solved": "isSolved", "reason": "returnReason", "days": "extendDays"}
        body |= {names.get(name, name): value for name, value in fields.items()}
        answer = self.http.post(f"/api/orders/{path}", json=body, headers={"X-Token": self.token})
        if answer.status_code != 200:
            return "failed"
        answer = answer.json()
        return {10000: "taken", 10409: "repeated", 10422: "refused", 10404: "no_such_order"}[answer["code"]]

    def heard(self, order: str) -> list[tuple[str, str]]:
        kinds = dict(zip("012345", ("sign", "contact", "progress", "result", "return", "extension"), strict=True))
        rows = self.get("/api/orders/feedbacks", orderNo=order).json()["data"]
        return [(row["serialNo"], kinds[row["feedbackType"]]) for row in rows]


class BetaClient(Client):
    def signed(self, **query: str) -> dict[str, str]:
        full = {"app": "paidan", "ts": str(int(self.clock())), "nonce": uuid4().hex, **query}
        return full | {"sign": sign(full, SECRET)}

    def rows(self, start: float, end: float) -> list[Any]:
        found: list[Any] = []
        since = (local(start - 1, "%Y%m%d%H%M%S"), "~")
        while True:
            query = self.signed(since_time=since[0], since_id=since[1], limit="70")
            result = self.http.get("/open/order/list", params=query).json()["result"]
            found += result["list"]
            if not result["next"]:
                limit = local(end, "%Y%m%d%H%M%S")
                return [row for row in found if not isinstance(row, dict) or row["gxsj"] < limit]
            since = tuple(result["next"].split("|"))

    def tell(self, kind: str, order: str, serial: str = "", round: int = 1, **fields: Any) -> str:
        acts = {"sign": "qs", "contact": "lx", "progress": "jz", "result": "jg", "return": "td", "extension": "yq"}
        body = {"gdbh": order, "lsh": serial or uuid4().hex, "act": acts[kind], "cs": str(round), "dw": "水务局"}
        body["sj"] = local(self.clock(), "%Y%m%d%H%M%S")
        names = {"reply": "gkdf", "solved": "sfjj", "reason": "tdly", "days": "yqts"}
        body |= {names.get(name, name): value for name, value in fields.items()}
        answer = self.http.post("/open/order/reply", params=self.signed(), json=body).json()
        return {"0": "taken", "409": "repeated", "422": "refused", "404": "no_such_order"}[answer["status"]]

    def heard(self, order: str) -> list[tuple[str, str]]:
        kinds = {"qs": "sign", "lx": "contact", "jz": "progress", "jg": "result", "td": "return", "yq": "extension"}
        rows = self.http.get("/open/order/replies", params=self.signed(gdbh=order)).json()["result"]["list"]
        return [(row["lsh"], kinds[row["act"]]) for row in rows]


@dataclass
class World:
    city: City
    client: Any
    faults: Faults
    clock: Clock
    driver: Driver
    folder: Path


Start = Callable[..., World]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a city in either dialect; everything ends with the test."""
    with ExitStack() as stack:

        def go(dialect: str = "helin", **settings: Any) -> World:
            clock = Clock()
            city = City(tmp_path, Settings(decide_after_s=0.0, **settings), now=clock)
            stack.callback(city.close)
            faults = Faults(1)
            made = Helin(city) if dialect == "helin" else Beta(city)
            url = stack.enter_context(serve(city, made, faults))
            http = stack.enter_context(httpx2.Client(base_url=url, timeout=5, trust_env=False))
            driver = Driver(url)
            stack.callback(driver.close)
            client: Any = (HelinClient if dialect == "helin" else BetaClient)(http, clock)
            if dialect == "helin":
                client.log_in()
            return World(city, client, faults, clock, driver, tmp_path)

        yield go


both = pytest.mark.parametrize("dialect", ["helin", "beta"])


def number_of(row: Any) -> str:
    return str(row.get("orderNo") or row.get("gdbh"))


@both
def test_a_window_is_half_open_and_ascends_by_time_and_number(start: Start, dialect: str) -> None:
    world = start(dialect)
    first = world.city.issue(3)
    world.clock.at += 1
    second = world.city.issue(2)
    world.clock.at += 1
    world.city.issue(1)

    rows = world.client.rows(int(NOW), int(NOW) + 2)

    assert [number_of(row) for row in rows] == [*first, *second]


@both
def test_a_thousand_rows_of_one_time_are_all_served(start: Start, dialect: str) -> None:
    world = start(dialect)
    issued = world.city.issue(1000)
    assert [number_of(row) for row in world.client.rows(int(NOW), int(NOW) + 1)] == issued


@both
def test_rows_that_cannot_be_read_are_served_as_they_are(start: Start, dialect: str) -> None:
    world = start(dialect)
    for fault in ("no_number", "no_time", "not_object"):
        world.city.issue(1, unreadable=fault)
    rows = [row for row in world.client.rows(int(NOW), int(NOW) + 1) if isinstance(row, dict)]
    times = {"helin": "updateTime", "beta": "gxsj"}[dialect]
    assert any(not row[times] for row in rows)
    assert any(row.get("orderNo", row.get("gdbh")) == "" for row in rows)
    assert world.driver.state()["unreadable"] == 3


TOLD = [
    (["sign"], "taken"),
    (["contact"], "refused"),
    (["sign", "contact", "progress"], "taken"),
    (["sign", ("result", {"reply": "已办结"})], "taken"),
    (["sign", ("result", {"reply": ""})], "refused"),
    (["sign", ("result", {"reply": "未办结", "solved": "0"})], "refused"),
    (["sign", ("return", {"reason": ""})], "refused"),
    (["sign", ("return", {"reason": "非本县"})], "taken"),
    (["sign", ("extension", {"days": 0})], "refused"),
    (["sign", ("extension", {"days": 5})], "taken"),
    (["sign", ("contact", {"round": 2})], "refused"),
]


@both
@pytest.mark.parametrize(("steps", "last"), TOLD)
def test_the_city_is_strict_about_what_it_is_told(start: Start, dialect: str, steps: list[Any], last: str) -> None:
    world = start(dialect)
    (order,) = world.city.issue()
    world.city.settings = Settings(decide_after_s=3600)
    verdicts = []
    for step in steps:
        kind, fields = (step, {}) if isinstance(step, str) else step
        verdicts.append(world.client.tell(kind, order, **fields))
    assert verdicts[-1] == last
    assert set(verdicts[:-1]) <= {"taken"}


@both
def test_the_same_serial_number_has_one_effect(start: Start, dialect: str) -> None:
    world = start(dialect)
    (order,) = world.city.issue()
    assert world.client.tell("sign", order, "s1") == "taken"
    assert world.client.tell("sign", order, "s1") == "repeated"
    assert world.client.tell("contact", order, "c1") == "taken"
    assert world.client.heard(order) == [("s1", "sign"), ("c1", "contact")]


@both
def test_an_order_nobody_knows_is_said_to_be_unknown(start: Start, dialect: str) -> None:
    assert start(dialect).client.tell("sign", "HS1") == "no_such_order"


@both
@pytest.mark.parametrize("end", ["withdraw", "close_order", "merge"])
def test_nothing_is_taken_about_an_order_that_has_ended(start: Start, dialect: str, end: str) -> None:
    world = start(dialect)
    order, other = world.city.issue(2)
    assert world.client.tell("sign", order) == "taken"
    if end == "merge":
        world.city.merge(order, other)
    else:
        getattr(world.city, end)(order)
    assert world.client.tell("contact", order) == "refused"


def test_an_accepted_result_is_closed_or_ordered_again_as_the_seed_decides(start: Start) -> None:
    world = start(redo_p=0.3, seed=5)
    orders = world.city.issue(60)
    for order in orders:
        world.client.tell("sign", order)
        world.client.tell("result", order, reply="已办结")
    eventually(lambda: not world.city.book.undecided)
    decided = {order: (world.city.book.orders[order].status, world.city.book.orders[order].round) for order in orders}
    redone = [order for order, state in decided.items() if state == ("open", 2)]
    assert 5 < len(redone) < 35
    assert all(status == "closed" for order, (status, _) in decided.items() if order not in redone)
    assert world.client.tell("result", redone[0], reply="再次办结", round=2) == "taken"


def test_a_city_that_starts_again_knows_what_it_knew(start: Start) -> None:
    world = start()
    orders = world.city.issue(5)
    world.client.tell("sign", orders[0])
    world.city.amend(orders[1])
    world.city.withdraw(orders[2])
    again = City(world.folder, now=world.clock)
    try:
        assert again.book.orders == world.city.book.orders
        assert again.book.heard == world.city.book.heard
        assert again.book.counts == world.city.book.counts
    finally:
        again.close()


def test_a_journal_line_cut_by_a_crash_is_dropped(start: Start, tmp_path: Path) -> None:
    world = start()
    world.city.issue(2)
    file = tmp_path / "city.jsonl"
    whole = file.read_bytes()
    with file.open("ab") as journal:
        journal.write(whole[:40])
    again = City(tmp_path)
    again.close()
    assert file.read_bytes() == whole
    assert len(again.book.orders) == 2


def test_a_late_commit_appears_with_a_time_that_has_passed(start: Start) -> None:
    world = start()
    assert world.client.rows(int(NOW) - 60, int(NOW)) == []
    issued = world.city.issue(1, late_s=30)
    assert [number_of(row) for row in world.client.rows(int(NOW) - 60, int(NOW))] == issued


def test_a_silent_amendment_keeps_the_update_time(start: Start) -> None:
    world = start()
    (order,) = world.city.issue()
    before = world.client.rows(int(NOW), int(NOW) + 1)[0]
    world.clock.at += 60
    world.city.amend(order, silent=True)
    after = world.client.rows(int(NOW), int(NOW) + 1)[0]
    assert (before["updateTime"], before["content"]) != (after["updateTime"], after["content"])
    assert before["updateTime"] == after["updateTime"]


def test_a_withdrawn_order_may_be_issued_again(start: Start) -> None:
    world = start()
    (order,) = world.city.issue()
    world.city.withdraw(order)
    world.clock.at += 5
    world.city.reissue(order)
    (row,) = world.client.rows(int(NOW) + 5, int(NOW) + 6)
    assert (row["orderNo"], row["orderStatus"]) == (order, "1")


def test_only_a_thousand_rows_of_a_query_are_served_but_all_are_counted(start: Start) -> None:
    world = start()
    world.city.issue(1100)
    page = world.client.page(int(NOW), int(NOW) + 1, 6)
    assert (page["total"], page["rows"]) == (1100, [])


def test_a_token_ends_with_its_life(start: Start) -> None:
    world = start(token_life_s=60)
    assert world.client.get("/api/orders/detail", orderNo="x").json()["code"] == 10404
    world.clock.at += 61
    assert world.client.get("/api/orders/detail", orderNo="x").json()["code"] == 10401


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        ({"sign": "0" * 64}, "301"),
        ({"nonce": "again"}, "301"),
        ({"ts": str(int(NOW) - 301)}, "302"),
        ({}, "0"),
    ],
)
def test_a_signed_request_is_checked(start: Start, spoil: dict[str, str], status: str) -> None:
    world = start("beta")
    http = world.client.http
    query = {"app": "paidan", "ts": str(int(NOW)), "nonce": "once", "since_time": "20260101000000", "since_id": ""}
    if spoil.get("nonce"):
        used = query | spoil
        http.get("/open/order/list", params=used | {"sign": sign(used, SECRET)})
    signed = query | spoil
    signed = {"sign": sign(signed, SECRET)} | signed
    assert http.get("/open/order/list", params=signed).json()["status"] == status


def test_a_skewed_clock_shows_in_times_and_headers(start: Start) -> None:
    world = start()
    world.driver.skew(-3600)
    world.client.log_in()
    world.city.issue()
    assert len(world.client.rows(int(NOW) - 3600, int(NOW) - 3599)) == 1
    answer = world.client.get("/api/orders/detail", orderNo="x")
    assert answer.headers["date"] == time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(NOW - 3600))


BROKEN = [
    (Fault.HTTP_500, lambda answer: answer.status_code == 500),
    (Fault.HTTP_502, lambda answer: answer.status_code == 502),
    (Fault.TOO_MANY_SECONDS, lambda answer: (answer.status_code, answer.headers["retry-after"]) == (429, "1")),
    (Fault.TOO_MANY_DATE, lambda answer: answer.status_code == 429 and answer.headers["retry-after"].endswith("GMT")),
    (Fault.LOGIN_PAGE, lambda answer: answer.status_code == 200 and answer.text.startswith("<!DOCTYPE html>")),
    (Fault.TOKEN_EXPIRED, lambda answer: answer.json()["code"] == 10401),
    (Fault.BUSY, lambda answer: answer.json()["code"] == 10429),
    (Fault.INTERNAL, lambda answer: answer.json()["code"] == 10500),
    (Fault.TRUNCATED, lambda answer: _is_broken(answer.content)),
    (Fault.GBK, lambda answer: "工单" in answer.content.decode("gb18030")),
]


def _is_broken(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(("fault", "shows"), BROKEN)
def test_a_fault_strikes_as_often_as_it_was_asked_to(start: Start, fault: Fault, shows: Callable[[Any], bool]) -> None:
    world = start()
    world.driver.fault_on(fault, count=1, calls=(Call.DETAIL,))
    assert shows(world.client.get("/api/orders/detail", orderNo="x"))
    world.client.log_in()
    assert world.client.get("/api/orders/detail", orderNo="x").json()["code"] == 10404
    assert world.driver.state()["struck"] == {fault: 1}


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.LOST, Fault.HANG])
def test_a_lost_answer_to_feedback_had_its_effect(start: Start, fault: Fault) -> None:
    world = start(hang_s=0.05)
    (order,) = world.city.issue()
    world.client.tell("sign", order, "s1")
    world.driver.fault_on(fault, count=1, calls=(Call.FEEDBACK,))
    with pytest.raises(httpx2.TransportError):
        world.client.tell("contact", order, "c1")
    assert world.client.heard(order) == [("s1", "sign"), ("c1", "contact")]
    assert world.client.tell("contact", order, "c1") == "repeated"


def test_an_error_before_the_effect_had_none(start: Start) -> None:
    world = start()
    (order,) = world.city.issue()
    world.driver.fault_on(Fault.HTTP_500, count=1, calls=(Call.SIGN,))
    assert world.client.tell("sign", order, "s1") == "failed"
    assert world.client.heard(order) == []


def test_a_duplicate_page_is_the_page_before(start: Start) -> None:
    world = start()
    world.city.issue(20)
    first = world.client.page(int(NOW), int(NOW) + 1, 1, 10)
    world.driver.fault_on(Fault.DUPLICATE_PAGE, count=1)
    assert world.client.page(int(NOW), int(NOW) + 1, 2, 10)["rows"] == first["rows"]
    assert world.client.page(int(NOW), int(NOW) + 1, 2, 10)["rows"] != first["rows"]


def test_a_shifting_page_moves_the_later_ones_up(start: Start) -> None:
    world = start()
    issued = world.city.issue(20)
    world.clock.at += 10
    world.driver.fault_on(Fault.SHIFTING_PAGE, count=1)
    world.client.page(int(NOW), int(NOW) + 1, 1, 10)
    second = world.client.page(int(NOW), int(NOW) + 1, 2, 10)
    assert [row["orderNo"] for row in second["rows"]] == issued[11:]
    assert second["total"] == 19


def test_a_driver_is_told_why_an_order_to_the_city_is_refused(start: Start) -> None:
    world = start()
    (order,) = world.driver.issue()
    world.driver.withdraw(order)
    with pytest.raises(CityError, match="KeyError"):
        world.driver.amend(order)


def test_the_journal_tells_what_was_served_in_which_version(start: Start, tmp_path: Path) -> None:
    world = start()
    (order,) = world.city.issue()
    world.client.rows(int(NOW), int(NOW) + 1)
    world.city.amend(order)
    world.client.rows(int(NOW), int(NOW) + 1)
    lines = [json.loads(line) for line in (tmp_path / "city.jsonl").read_text().splitlines()]
    assert [line["versions"] for line in lines if line["event"] == "served"] == [[[order, 1]], [[order, 2]]]

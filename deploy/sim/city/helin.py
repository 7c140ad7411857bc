"""Dialect A, the city of Helin's interface: token login, page numbers, everything inside HTTP 200."""

import json
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from deploy.sim.city.city import City, Verdict
from deploy.sim.city.dialect import (
    BadFieldError,
    Reply,
    Request,
    epoch,
    json_object,
    local,
    required,
    spoilt,
    whole,
    yes_no,
)
from deploy.sim.city.faults import Call, Fault
from deploy.sim.city.order import CHANNELS, KINDS, URGENCIES, Order, Status
from deploy.sim.city.rules import REFUSALS, Refusal, Told, ToldKind

TIME = "%Y-%m-%d %H:%M:%S"
PAGE_CAP, TOTAL_CAP = 200, 1000
"""Rows a page, and rows a query however many pages: what is beyond is counted in `total` and never served."""
APP_KEY, APP_SECRET = "paidan", "helin-demo-secret"

OK, EXPIRED, BUSY, NOT_FOUND, EXISTS, REJECTED, INTERNAL = 10000, 10401, 10429, 10404, 10409, 10422, 10500

_CALLS: dict[tuple[str, str], Call] = {
    ("POST", "/api/token"): Call.TOKEN,
    ("GET", "/api/orders"): Call.LIST,
    ("GET", "/api/orders/detail"): Call.DETAIL,
    ("POST", "/api/orders/sign"): Call.SIGN,
    ("POST", "/api/orders/feedback"): Call.FEEDBACK,
    ("GET", "/api/orders/feedbacks"): Call.READ_BACK,
}
_STATUS = {Status.OPEN: "1", Status.CLOSED: "2", Status.WITHDRAWN: "3", Status.MERGED: "4"}
_KIND = {kind: f"{place:02d}" for place, kind in enumerate(KINDS, 1)}
_URGENCY = {urgency: str(place) for place, urgency in enumerate(URGENCIES, 1)}
_CHANNEL = {channel: f"{place:02d}" for place, channel in enumerate(CHANNELS, 1)}
_TOLD = {
    "0": ToldKind.SIGN, "1": ToldKind.CONTACT, "2": ToldKind.PROGRESS, "3": ToldKind.RESULT, "4": ToldKind.RETURN,
    "5": ToldKind.EXTENSION,
}  # fmt: skip
_TOLD_CODE = {kind: code for code, kind in _TOLD.items()}

_OPENING = f'{{"code":{OK},"success":true,"message":"ok","data":'


class Helin:
    """`app_key` and `app_secret` are what `/api/token` asks for."""

    def __init__(self, city: City, app_key: str = APP_KEY, app_secret: str = APP_SECRET) -> None:
        self._city = city
        self._secret = (app_key, app_secret)
        self._tokens: dict[str, float] = {}
        self._rows: dict[tuple[str, int, int], bytes] = {}
        self._answers: dict[Call, Callable[[Request, Fault | None], Reply]] = {
            Call.TOKEN: self._token,
            Call.LIST: self._list,
            Call.DETAIL: self._detail,
            Call.SIGN: partial(self._hear, _read_sign),
            Call.FEEDBACK: partial(self._hear, _read_feedback),
            Call.READ_BACK: self._read_back,
        }

    def call(self, request: Request) -> Call | None:
        """What is asked."""
        return _CALLS.get((request.method, request.path))

    def answer(self, call: Call, request: Request, fault: Fault | None) -> Reply:
        """The answer, with its effect."""
        match fault:
            case Fault.BUSY:
                return _say(BUSY, "系统繁忙，请稍后再试")
            case Fault.INTERNAL:
                return _say(INTERNAL, "系统内部错误")
            case Fault.TOKEN_EXPIRED | Fault.LOGIN_PAGE:
                self._tokens.clear()
            case _:
                pass
        if call is not Call.TOKEN and not self._is_alive(request.headers.get("x-token", "")):
            return _say(EXPIRED, "token已失效，请重新登录")
        try:
            return self._answers[call](request, fault)
        except BadFieldError as field:
            return _say(REJECTED, f"{REFUSALS[Refusal.MISSING_FIELD]}：{field}")
        except KeyError:
            return _say(NOT_FOUND, "工单不存在")

    def _is_alive(self, token: str) -> bool:
        return self._tokens.get(token, 0.0) > self._city.clock()

    def _token(self, request: Request, fault: Fault | None) -> Reply:
        body = json_object(request.body)
        if (body.get("appKey"), body.get("appSecret")) != self._secret:
            return _say(REJECTED, "appKey或appSecret不正确")
        life = self._city.settings.token_life_s
        token = secrets.token_hex(16)
        self._tokens[token] = self._city.clock() + life
        return _say(OK, "ok", {"token": token, "expiresIn": int(life)})

    def _list(self, request: Request, fault: Fault | None) -> Reply:
        start = epoch(request.query.get("updateTimeStart"), TIME, "updateTimeStart")
        end = epoch(request.query.get("updateTimeEnd"), TIME, "updateTimeEnd")
        page = max(1, whole(request.query.get("pageNum"), "pageNum", 1))
        size = min(PAGE_CAP, max(1, whole(request.query.get("pageSize"), "pageSize", 20)))
        with self._city.lock:
            found = self._city.book.window(start, end)
            shown = page - 1 if fault is Fault.DUPLICATE_PAGE and page > 1 else page
            numbers = [number for _, number in found[:TOTAL_CAP][(shown - 1) * size : shown * size]]
            orders = [self._city.book.orders[number] for number in numbers]
            self._city.served(f"{start}-{end}/{page}", orders)
            rows = b",".join(map(self._row, orders))
            if fault is Fault.SHIFTING_PAGE:
                self._city.touch_first(orders)
        head = f'{_OPENING}{{"total":{len(found)},"pageNum":{page},"pageSize":{size},"rows":['
        return Reply(head.encode() + rows + b"]}}")

    def _detail(self, request: Request, fault: Fault | None) -> Reply:
        with self._city.lock:
            order = self._city.readable(request.query.get("orderNo", ""))
            self._city.served("detail", [order])
            return Reply(_OPENING.encode() + self._row(order) + b"}")

    def _row(self, order: Order) -> bytes:
        key = (order.number, order.version, order.updated_at)
        found = self._rows.get(key)
        if found is None:
            fault = self._city.book.unreadable.get(order.number)
            shown = spoilt(_show(order), fault, "orderNo", ("updateTime", "dispatchTime"))
            found = json.dumps(shown, ensure_ascii=False).encode()
            self._rows[key] = found
        return found

    def _hear(self, read: Callable[[dict[str, Any]], Told], request: Request, fault: Fault | None) -> Reply:
        verdict, why = self._city.hear(read(json_object(request.body)))
        match verdict:
            case Verdict.TAKEN:
                return _say(OK, "ok")
            case Verdict.REPEATED:
                return _say(EXISTS, "流水号已存在")
            case Verdict.NO_SUCH_ORDER:
                return _say(NOT_FOUND, "工单不存在")
            case Verdict.REFUSED:
                return _say(REJECTED, REFUSALS[why or Refusal.MISSING_FIELD])

    def _read_back(self, request: Request, fault: Fault | None) -> Reply:
        heard = self._city.heard(request.query.get("orderNo", ""))
        return _say(
            OK,
            "ok",
            [
                {
                    "serialNo": one.serial,
                    "feedbackType": _TOLD_CODE[ToldKind(one.kind)],
                    "receivedTime": local(one.at, TIME),
                }
                for one in heard
            ],
        )


def _say(code: int, message: str, data: Any = None) -> Reply:
    said = {"code": code, "success": code == OK, "message": message, "data": data}
    return Reply(json.dumps(said, ensure_ascii=False).encode())


def _show(order: Order) -> dict[str, Any]:
    return {
        "orderNo": order.number,
        "orderStatus": _STATUS[order.status],
        "handleTimes": order.round,
        "mergedTo": order.merged_into,
        "title": order.title,
        "content": order.content,
        "orderType": _KIND[order.kind],
        "emergencyLevel": _URGENCY[order.urgency],
        "categoryCode": order.category,
        "categoryName": order.category_name,
        "areaCode": order.area,
        "townName": order.town,
        "communityName": order.community,
        "address": order.address,
        "lng": order.longitude,
        "lat": order.latitude,
        "callerName": order.caller,
        "callerPhone": order.phone,
        "contactPhone": order.contact_phone,
        "secretFlag": "1" if order.secret else "0",
        "sourceChannel": _CHANNEL[order.channel],
        "complainedUnit": order.about,
        "dispatchTime": local(order.issued_at, TIME),
        "updateTime": local(order.updated_at, TIME),
        "deadline": local(order.due_at, TIME),
        "dispatchOpinion": order.opinion,
        "attachments": ",".join(order.attachments),
    }


def _read_sign(body: dict[str, Any]) -> Told:
    epoch(required(body, "signTime"), TIME, "signTime")
    return Told(
        order=required(body, "orderNo"),
        serial=required(body, "serialNo"),
        kind=ToldKind.SIGN,
        unit=required(body, "signUnit"),
    )


def _read_feedback(body: dict[str, Any]) -> Told:
    epoch(required(body, "feedbackTime"), TIME, "feedbackTime")
    kind = _TOLD.get(required(body, "feedbackType"))
    if kind is None or kind is ToldKind.SIGN:
        raise BadFieldError("feedbackType")
    if body.get("contactTime"):
        epoch(body["contactTime"], TIME, "contactTime")
    return Told(
        order=required(body, "orderNo"),
        serial=required(body, "serialNo"),
        kind=kind,
        round=whole(body.get("handleTimes"), "handleTimes"),
        unit=required(body, "unitName"),
        note=str(body.get("internalNote") or ""),
        reply=str(body.get("publicReply") or ""),
        contacted=yes_no(body, "isContacted"),
        founded=yes_no(body, "isTrue"),
        solved=yes_no(body, "isSolved"),
        unsolved_reason=str(body.get("unsolvedReason") or ""),
        return_reason=str(body.get("returnReason") or ""),
        extend_days=whole(body.get("extendDays"), "extendDays", 0),
    )

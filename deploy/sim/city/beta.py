"""Dialect B, another city: signed requests, keyset paging, pinyin field names, one endpoint for all that is told.

Every query carries `app`, `ts` (epoch seconds), `nonce` and `sign`: hex of an HMAC, SM3 or SHA-256, keyed with the
secret, over all other parameters as `k=v` sorted by name and joined with `&`, values not URL-encoded. A `ts` more than
300 s off is refused, a nonce works once.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.constant_time import bytes_eq

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
from deploy.sim.city.order import Order, Status
from deploy.sim.city.rules import REFUSALS, Refusal, Told, ToldKind

TIME = "%Y%m%d%H%M%S"
PAGE_CAP = 100
TS_TOLERANCE_S = 300
APP, SECRET = "paidan", "beta-demo-secret"

OK, BAD_SIGN, BAD_TS, NOT_FOUND, EXISTS, REJECTED, BUSY, INTERNAL = "0", "301", "302", "404", "409", "422", "429", "500"

_CALLS: dict[tuple[str, str], Call] = {
    ("GET", "/open/order/list"): Call.LIST,
    ("GET", "/open/order/detail"): Call.DETAIL,
    ("POST", "/open/order/reply"): Call.FEEDBACK,
    ("GET", "/open/order/replies"): Call.READ_BACK,
}
_STATUS = {Status.OPEN: "DBL", Status.CLOSED: "YBJ", Status.WITHDRAWN: "YCX", Status.MERGED: "YHB"}
_KIND = {"consult": "ZX", "help": "QZ", "complaint": "TS", "report": "JB", "suggestion": "JY", "praise": "BY"}
_URGENCY = {"normal": "0", "urgent": "1", "critical": "2"}
_CHANNEL = {
    "phone": "dh", "web": "wz", "wechat": "wx", "app": "app", "inspector": "dc", "province": "st", "mail": "xf",
}  # fmt: skip
_ACT = {
    "qs": ToldKind.SIGN, "lx": ToldKind.CONTACT, "jz": ToldKind.PROGRESS, "jg": ToldKind.RESULT, "td": ToldKind.RETURN,
    "yq": ToldKind.EXTENSION,
}  # fmt: skip
_ACT_CODE = {kind: act for act, kind in _ACT.items()}


def sign(parameters: Mapping[str, str], secret: str, digest: Literal["sm3", "sha256"] = "sm3") -> str:
    """The signature over all parameters but `sign` itself."""
    text = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "sign")
    mac = hmac.HMAC(secret.encode(), hashes.SM3() if digest == "sm3" else hashes.SHA256())
    mac.update(text.encode())
    return mac.finalize().hex()


class Beta:
    """`digest` is what this city signs with."""

    def __init__(
        self, city: City, app: str = APP, secret: str = SECRET, digest: Literal["sm3", "sha256"] = "sm3"
    ) -> None:
        self._city = city
        self._app = app
        self._secret = secret
        self._digest: Literal["sm3", "sha256"] = digest
        self._nonces: set[str] = set()
        self._answers: dict[Call, Callable[[Request, Fault | None], Reply]] = {
            Call.LIST: self._list,
            Call.DETAIL: self._detail,
            Call.FEEDBACK: self._hear,
            Call.READ_BACK: self._read_back,
        }

    def call(self, request: Request) -> Call | None:
        """What is asked."""
        return _CALLS.get((request.method, request.path))

    def answer(self, call: Call, request: Request, fault: Fault | None) -> Reply:
        """The answer, with its effect."""
        match fault:
            case Fault.BUSY:
                return _say(BUSY, "访问过于频繁")
            case Fault.INTERNAL:
                return _say(INTERNAL, "服务异常")
            case Fault.TOKEN_EXPIRED | Fault.LOGIN_PAGE:
                return _say(BAD_SIGN, "签名无效")
            case _:
                pass
        if refused := self._sign_fault(request.query):
            return _say(refused, "签名无效" if refused == BAD_SIGN else "时间戳超出允许范围")
        try:
            return self._answers[call](request, fault)
        except BadFieldError as field:
            return _say(REJECTED, f"{REFUSALS[Refusal.MISSING_FIELD]}：{field}")
        except KeyError:
            return _say(NOT_FOUND, "工单不存在")

    def _sign_fault(self, query: Mapping[str, str]) -> str:
        wanted = sign(query, self._secret, self._digest)
        if query.get("app") != self._app or not bytes_eq(wanted.encode(), query.get("sign", "").encode()):
            return BAD_SIGN
        ts = query.get("ts", "")
        if not ts.isdecimal() or abs(int(ts) - self._city.clock()) > TS_TOLERANCE_S:
            return BAD_TS
        nonce = query.get("nonce", "")
        if not nonce or nonce in self._nonces:
            return BAD_SIGN
        self._nonces.add(nonce)
        return ""

    def _list(self, request: Request, fault: Fault | None) -> Reply:
        since = epoch(request.query.get("since_time"), TIME, "since_time")
        since_id = request.query.get("since_id", "")
        limit = min(PAGE_CAP, max(1, whole(request.query.get("limit"), "limit", 50)))
        with self._city.lock:
            book = self._city.book
            found = book.after(since, since_id, limit + 1)
            page = found[:limit]
            if fault is Fault.DUPLICATE_PAGE and page:
                first = book.times.index(page[0])
                page = book.times[max(0, first - limit) : first] or page
            orders = [book.orders[number] for _, number in page]
            self._city.served(f"{since}/{since_id}", orders)
            rows = [self._row(order) for order in orders]
            if fault is Fault.SHIFTING_PAGE:
                self._city.touch_first(orders)
        more = f"{local(page[-1][0], TIME)}|{page[-1][1]}" if len(found) > limit else ""
        return _say(OK, "", {"list": rows, "next": more})

    def _detail(self, request: Request, fault: Fault | None) -> Reply:
        with self._city.lock:
            order = self._city.readable(request.query.get("gdbh", ""))
            self._city.served("detail", [order])
        return _say(OK, "", self._row(order))

    def _row(self, order: Order) -> Any:
        shown = _show(order)
        return spoilt(shown, self._city.book.unreadable.get(order.number), "gdbh", ("gxsj", "pdsj"))

    def _hear(self, request: Request, fault: Fault | None) -> Reply:
        verdict, why = self._city.hear(_read(json_object(request.body)))
        match verdict:
            case Verdict.TAKEN:
                return _say(OK, "")
            case Verdict.REPEATED:
                return _say(EXISTS, "流水号重复")
            case Verdict.NO_SUCH_ORDER:
                return _say(NOT_FOUND, "工单不存在")
            case Verdict.REFUSED:
                return _say(REJECTED, REFUSALS[why or Refusal.MISSING_FIELD])

    def _read_back(self, request: Request, fault: Fault | None) -> Reply:
        heard = self._city.heard(request.query.get("gdbh", ""))
        rows = [{"lsh": one.serial, "act": _ACT_CODE[ToldKind(one.kind)], "jssj": local(one.at, TIME)} for one in heard]
        return _say(OK, "", {"list": rows, "next": ""})


def _say(status: str, message: str, result: Any = None) -> Reply:
    return Reply(json.dumps({"status": status, "msg": message, "result": result}, ensure_ascii=False).encode())


def _show(order: Order) -> dict[str, Any]:
    return {
        "gdbh": order.number,
        "zt": _STATUS[order.status],
        "cs": str(order.round),
        "hbgd": order.merged_into,
        "bt": order.title,
        "nr": order.content,
        "gdlx": _KIND[order.kind],
        "jjcd": _URGENCY[order.urgency],
        "wtfl": f"{order.category[:2]}-{order.category[2:4]}-{order.category[4:]}",
        "wtflmc": order.category_name.replace("/", ">"),
        "xzqh": order.area,
        "xz": order.town,
        "sq": order.community,
        "dz": order.address,
        "jd": str(order.longitude),
        "wd": str(order.latitude),
        "ldr": order.caller,
        "ldhm": order.phone,
        "lxdh": order.contact_phone,
        "bm": int(order.secret),
        "ly": _CHANNEL[order.channel],
        "bsdw": order.about,
        "pdsj": local(order.issued_at, TIME),
        "gxsj": local(order.updated_at, TIME),
        "blsx": local(order.due_at, TIME),
        "pdyj": order.opinion,
        "fj": list(order.attachments),
    }


def _read(body: dict[str, Any]) -> Told:
    kind = _ACT.get(required(body, "act"))
    if kind is None:
        raise BadFieldError("act")
    epoch(required(body, "sj"), TIME, "sj")
    return Told(
        order=required(body, "gdbh"),
        serial=required(body, "lsh"),
        kind=kind,
        round=None if kind is ToldKind.SIGN else whole(body.get("cs"), "cs"),
        unit=required(body, "dw"),
        note=str(body.get("nbsm") or ""),
        reply=str(body.get("gkdf") or ""),
        contacted=yes_no(body, "sflx"),
        founded=yes_no(body, "sfss"),
        solved=yes_no(body, "sfjj"),
        unsolved_reason=str(body.get("wjjyy") or ""),
        return_reason=str(body.get("tdly") or ""),
        extend_days=whole(body.get("yqts"), "yqts", 0),
    )

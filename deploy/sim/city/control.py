"""The simulation's own door, `/_sim/...`: what a driver orders the city to do. No part of any city's interface.

POST bodies and answers are JSON objects; 400 with `error` for what cannot be done.

| POST | body |
|---|---|
| /_sim/issue | `count`, `late_s`, `unknown` (a category nobody knows), `unreadable` (no_number, no_time, not_object) |
| /_sim/issue | also `held_s` (ordered so many seconds ago and shown only now), `like` ([kind, urgency]) |
| /_sim/amend | `order`, `silent`, `fields` (optional, names as in the journal's row) |
| /_sim/withdraw, /_sim/close, /_sim/redo, /_sim/reissue, /_sim/touch | `order` |
| /_sim/merge | `order`, `into` |
| /_sim/faults | `fault`, `count` or `p`, `calls`; or `off` (a fault, or "all") |
| /_sim/skew | `seconds` |

GET /_sim/state: counts, faults struck, and some numbers of orders that are open and that are being worked on.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from deploy.sim.city.city import City
from deploy.sim.city.dialect import Reply, Request
from deploy.sim.city.faults import Call, Fault, Faults

Body = dict[str, Any]
SOME = 20


def answer(city: City, faults: Faults, request: Request) -> Reply:
    """Does what is ordered and says what became of it."""
    if request.method == "GET" and request.path == "/_sim/state":
        return _json(state(city, faults))
    action = _ACTIONS.get(request.path.removeprefix("/_sim/"))
    if action is None or request.method != "POST":
        return _json({"error": "no such order"}, 404)
    try:
        return _json(action(city, faults, json.loads(request.body or b"{}")))
    except (KeyError, ValueError, TypeError) as problem:
        return _json({"error": f"{type(problem).__name__}: {problem}"}, 400)


def state(city: City, faults: Faults) -> Body:
    """What a driver wants to know to tell whether everything has settled."""
    with city.lock:
        book = city.book
        unsettled = book.unsettled()
        statuses = Counter(order.status for number, order in book.orders.items() if number not in book.unreadable)
        return {
            "orders": len(book.orders) - len(book.unreadable),
            "unreadable": len(book.unreadable),
            "statuses": dict(statuses),
            "signed": len(book.signed),
            "answered": len(book.answered),
            "undecided": len(book.undecided),
            "unsettled": len(unsettled),
            "seen": len(book.shown),
            "unseen": book.unseen(),
            "asked": city.asked,
            "unsettled_first": unsettled[:SOME],
            "in_work_first": sorted(book.in_work())[-SOME:],
            "counts": dict(book.counts),
            "struck": {fault: n for fault, n in faults.struck.items() if n},
        }


def _issue(city: City, faults: Faults, body: Body) -> Body:
    count = int(body.get("count", 1))
    if body.get("unknown"):
        return {"orders": city.issue_unknown(count)}
    orders = city.issue(
        count,
        late_s=float(body.get("late_s", 0)),
        unreadable=str(body.get("unreadable", "")),
        held_s=float(body.get("held_s", 0)),
        like=tuple(body["like"]) if body.get("like") else None,
    )
    return {"orders": orders}


def _amend(city: City, faults: Faults, body: Body) -> Body:
    city.amend(body["order"], silent=bool(body.get("silent")), fields=body.get("fields"))
    return {}


def _merge(city: City, faults: Faults, body: Body) -> Body:
    city.merge(body["order"], body["into"])
    return {}


def _faults(city: City, faults: Faults, body: Body) -> Body:
    if off := body.get("off"):
        faults.off(None if off == "all" else Fault(off))
    else:
        faults.on(
            Fault(body["fault"]),
            count=body.get("count"),
            p=float(body.get("p", 1.0)),
            calls=frozenset(map(Call, body.get("calls", ()))),
        )
    return {}


def _skew(city: City, faults: Faults, body: Body) -> Body:
    city.skew_s = float(body["seconds"])
    return {}


def _on_order(act: Callable[[City, str], None]) -> Callable[[City, Faults, Body], Body]:
    def action(city: City, faults: Faults, body: Body) -> Body:
        act(city, body["order"])
        return {}

    return action


_ACTIONS: dict[str, Callable[[City, Faults, Body], Body]] = {
    "issue": _issue,
    "amend": _amend,
    "withdraw": _on_order(lambda city, order: city.withdraw(order)),
    "close": _on_order(lambda city, order: city.close_order(order)),
    "redo": _on_order(lambda city, order: city.order_redo(order)),
    "reissue": _on_order(lambda city, order: city.reissue(order)),
    "touch": _on_order(lambda city, order: city.touch(order)),
    "merge": _merge,
    "faults": _faults,
    "skew": _skew,
}


def _json(body: Body, status: int = 200) -> Reply:
    return Reply(json.dumps(body, ensure_ascii=False).encode(), status)

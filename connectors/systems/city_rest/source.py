"""The city's list of orders, as the pull loop wants it."""

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from connectors.runtime.ports import Ask, Failed, Operation, Page, PageRules, Priority, Read
from connectors.systems.city_rest.auth import Auth, Outgoing
from connectors.systems.city_rest.client import Answer, Client
from connectors.systems.city_rest.envelope import at, text_at
from connectors.systems.city_rest.rows import Row
from connectors.systems.city_rest.settings import AnyCall, ChainedPaging, CityRestSettings, NumberedPaging
from connectors.systems.city_rest.template import fill, fill_all
from connectors.systems.city_rest.times import CityTimes
from connectors.systems.city_rest.translate import Translator

_NEVER = 1_000_000_000
_REMEMBERED = 2048
"""Rows whose translation is kept: a pull reads the overlap again and again, and most of it has not changed."""


def outgoing(request: AnyCall, values: dict[str, str]) -> Outgoing:
    """A request of the settings with its values in place."""
    body = fill_all(request.body, values, keep_empty=request.keep_empty)
    params = fill_all(request.params, values, keep_empty=request.keep_empty)
    has_body = bool(request.body)
    return Outgoing(request.method, fill(request.path, values), params, body if has_body else None, request.form)


class CitySource:
    """See `ports.Source`."""

    def __init__(self, settings: CityRestSettings, client: Client, auth: Auth, translator: Translator) -> None:
        self._settings = settings
        self._client = client
        self._auth = auth
        self._translator = translator
        self._times = CityTimes(settings.times)
        self._known: OrderedDict[str, Read] = OrderedDict()

    @property
    def rules(self) -> PageRules:
        """How it pages."""
        paging, grain = self._settings.list.paging, self._settings.times.grain
        match paging:
            case NumberedPaging():
                return PageRules(
                    kind="numbered", size=paging.size, cap=paging.cap, ascending=paging.ascending, grain=grain
                )
            case ChainedPaging():
                return PageRules(kind="chained", size=paging.size, ascending=paging.ascending, grain=grain)
            case _:
                return PageRules(kind="whole", size=_NEVER, grain=grain)

    def fetch(self, ask: Ask, priority: Priority) -> Page | Failed:
        """One page."""
        listing = self._settings.list
        answer = self._client.call(
            Operation.LIST,
            outgoing(listing, self._values(ask)),
            self._auth,
            priority,
            rows=listing.rows,
            salvage=ask.salvage,
        )
        if isinstance(answer, Failed):
            return answer
        records: list[Read] = []
        for row in answer.rows:
            full = self._detailed(row, priority)
            if isinstance(full, Failed):
                return full
            records.append(self._translated(full))
        return Page(tuple(records), self._total(answer), self._next(answer))

    def _translated(self, row: Row) -> Read:
        """One thread."""
        known = self._known.get(row.text)
        if known is None:
            known = self._translator.read(row.text.encode(errors="surrogateescape"), row.value)
            self._known[row.text] = known
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(row.text)
        return known

    def _values(self, ask: Ask) -> dict[str, str]:
        values = {"start": self._times.write(ask.window.start), "end": self._times.write(ask.window.end)}
        match self._settings.list.paging:
            case NumberedPaging() as numbered:
                values |= {"page": str(ask.page - 1 + numbered.first), "size": str(numbered.size)}
            case ChainedPaging() as chained:
                start = [fill(part, values) for part in chained.start]
                parts = start if ask.token is None else ask.token.split(chained.separator)
                values |= {f"after{place}": part for place, part in enumerate(parts, 1)}
                values["size"] = str(chained.size)
            case _:
                pass
        return values

    def _detailed(self, row: Row, priority: Priority) -> Row | Failed:
        detail = self._settings.detail
        number = self._translator.number(row.value) if detail and isinstance(row.value, dict) else None
        if detail is None or number is None:
            return row
        answer = self._client.call(
            Operation.DETAIL, outgoing(detail, {"number": number}), self._auth, max(priority, Priority.DETAIL)
        )
        if isinstance(answer, Failed):
            return answer
        merged = {**row.value, **_object(at(answer.json, detail.data))}
        return Row(json.dumps(merged, ensure_ascii=False), merged)

    def _total(self, answer: Answer) -> int | None:
        paging = self._settings.list.paging
        if not isinstance(paging, NumberedPaging) or paging.total is None:
            return None
        said = text_at(answer.json, paging.total)
        return int(said) if said is not None and said.isascii() and said.isdecimal() else None

    def _next(self, answer: Answer) -> str | None:
        paging = self._settings.list.paging
        if not isinstance(paging, ChainedPaging):
            return None
        if paging.next is not None:
            return text_at(answer.json, paging.next) or None
        if len(answer.rows) < paging.size:
            return None
        return _keyset(answer.rows, paging)


def _keyset(rows: Iterable[Row], paging: ChainedPaging) -> str | None:
    """From the last row that has all of its fields."""
    for row in reversed(tuple(rows)):
        parts = [text_at(row.value, path) for path in paging.keyset]
        if all(parts):
            return paging.separator.join(part or "" for part in parts)
    return None


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}

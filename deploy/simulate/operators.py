"""The virtual county centre: puts on the ledger, lets wait, supervises, extends, routes by hand, closes, gives back."""

from collections.abc import Sequence
from random import Random
from typing import Any

from deploy.simulate.agenda import DAY, HOUR, MINUTE, SECOND, Agenda, moment
from deploy.simulate.posting import Post, own_id
from schemas.order import Order, OrderAction, Rung


class Operators:
    """What they will order is drawn when a dispatch is issued; whether it is allowed then, the bridge says."""

    def __init__(self, agenda: Agenda, post: Post, seed: str, codes: Sequence[str]) -> None:
        self._agenda, self._post, self._seed, self._codes = agenda, post, seed, codes

    def plan(self, dispatch: str) -> None:
        """Draw what they will do about a dispatch that is issued now."""
        chance = Random(f"{self._seed}/operators/{dispatch}")  # noqa: S311 - a world, no secret
        mood = chance.random()
        at = chance.randrange(20 * MINUTE // SECOND, 3 * DAY // SECOND) * SECOND
        while_it_lasts = chance.randrange(2 * HOUR // SECOND, 9 * DAY // SECOND) * SECOND
        if mood < 0.03:
            self._order(at, dispatch, OrderAction.LEDGER_OPEN)
            self._order(at + while_it_lasts, dispatch, OrderAction.LEDGER_CLOSE)
        elif mood < 0.08:
            self._order(at, dispatch, OrderAction.PAUSE)
            self._order(at + while_it_lasts, dispatch, OrderAction.RESUME)
        elif mood < 0.105:
            self._order(at, dispatch, OrderAction.EXTEND, days=chance.randrange(1, 12))
        elif mood < 0.125:
            rung = chance.choice(tuple(Rung))
            persons = chance.randrange(1, 6) if rung is Rung.INTERVIEW else None
            self._order(at, dispatch, OrderAction.SUPERVISE, rung=rung, persons=persons, answer="已说明")
        elif mood < 0.135:
            self._order(at, dispatch, OrderAction.ROUTE, to=(chance.choice(self._codes),))
        elif mood < 0.142:
            self._order(at, dispatch, OrderAction.RETURN)
        elif mood < 0.145:
            self._order(at, dispatch, OrderAction.CLOSE)
        elif mood < 0.148:
            self._order(at, dispatch, OrderAction.MERGE, merged_into="city:HS00000000")
        elif mood < 0.155:
            self._order(at, dispatch, OrderAction.NOTE)

    def _order(self, after: int, dispatch: str, action: OrderAction, **fields: Any) -> None:
        self._agenda.after(after, self._give, dispatch, action, fields)

    def _give(self, dispatch: str, action: OrderAction, fields: dict[str, Any]) -> None:
        order = Order(
            dispatch=dispatch, action=action, by="值班员", reason="按规定", at=moment(self._agenda.now), **fields
        )
        own = own_id("order", dispatch, action, self._agenda.now)
        self._post.inbox(order, dispatch, own, "/paidan/operators")

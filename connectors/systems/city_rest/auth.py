"""Who we are to the city: what is added to each request, and the login it may take."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes, hmac

from connectors.runtime.ports import Failed, Failure, Priority
from connectors.systems.city_rest.envelope import at
from connectors.systems.city_rest.settings import SignedAuth, TokenAuth
from connectors.systems.city_rest.template import fill, fill_all
from connectors.systems.city_rest.times import CityTimes

EARLY = 0.9
"""A token is renewed when so much of its life is over."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request, before it is sent."""

    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] | None = None
    form: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class Auth(Protocol):
    """Adds to a request what proves who we are."""

    def put_on(self, request: Outgoing, priority: Priority) -> Outgoing | Failed:
        """The request, ready to send; or why there is no way to log in now."""
        ...

    def expired(self, request: Outgoing) -> bool:
        """The city no longer knows what this request carried. Returns whether another try makes sense."""
        ...


class Open:
    """Nothing is added."""

    def put_on(self, request: Outgoing, priority: Priority) -> Outgoing:
        """As it is."""
        return request

    def expired(self, request: Outgoing) -> bool:
        """Nothing can be renewed."""
        return False


Login = Callable[[Outgoing, Priority], Any]
"""Sends a login and returns the answer's JSON, or Failed."""


class Token:
    """A token from a login, shared by all threads; one of them renews it while the others wait."""

    def __init__(self, recipe: TokenAuth, key: str, secret: str, login: Login) -> None:
        self._recipe = recipe
        self._values = {"key": key, "secret": secret}
        self._login = login
        self._lock = threading.Lock()
        self._token: str | None = None
        self._renew_at = 0.0

    def put_on(self, request: Outgoing, priority: Priority) -> Outgoing | Failed:
        """With the token's header; logs in first where there is none, or an old one."""
        with self._lock:
            if self._token is None or time.monotonic() >= self._renew_at:
                failed = self._renew(priority)
                if failed is not None:
                    return failed
            token = self._token or ""
        headers = {**request.headers, self._recipe.header: fill(self._recipe.value, {"token": token})}
        return Outgoing(request.method, request.path, request.params, request.body, request.form, headers)

    def expired(self, request: Outgoing) -> bool:
        """Forgets the token, unless another thread has renewed it since."""
        with self._lock:
            if self._token is not None and request.headers.get(self._recipe.header) == fill(
                self._recipe.value, {"token": self._token}
            ):
                self._token = None
        return True

    def _renew(self, priority: Priority) -> Failed | None:
        recipe = self._recipe
        params = fill_all(recipe.params, self._values, keep_empty=False)
        body = fill_all(recipe.body, self._values, keep_empty=False)
        answer = self._login(Outgoing(recipe.method, recipe.path, params, body or None), priority)
        if isinstance(answer, Failed):
            return answer
        token = at(answer, recipe.token)
        if not isinstance(token, str | int) or not str(token):
            return Failed(failure=Failure.LOGIN_REFUSED, detail="no token in the answer")
        self._token = str(token)
        self._renew_at = time.monotonic() + EARLY * self._life(answer)
        return None

    def _life(self, answer: Any) -> float:
        if self._recipe.expires_in is not None:
            said = at(answer, self._recipe.expires_in)
            if isinstance(said, int | float) and said > 0:
                return float(said)
        return self._recipe.life.total_seconds() if self._recipe.life is not None else 3600.0


class Signed:
    """A signature over each request."""

    def __init__(
        self, recipe: SignedAuth, key: str, secret: str, times: CityTimes, now: Callable[[], datetime]
    ) -> None:
        self._recipe = recipe
        self._key = key
        self._secret = secret.encode()
        self._times = times
        self._now = now

    def put_on(self, request: Outgoing, priority: Priority) -> Outgoing:
        """With the recipe's parameters and the signature."""
        now = self._now()
        values = {
            "key": self._key,
            "epoch": str(int(now.timestamp())),
            "epoch_ms": str(int(now.timestamp() * 1000)),
            "nonce": secrets.token_hex(16),
            "time": self._times.write(now),
        }
        params = {**request.params, **fill_all(self._recipe.params, values, keep_empty=True)}
        signed = {**params, **(request.body or {})} if self._recipe.over_body else params
        params[self._recipe.signature] = signature(self._recipe, signed, self._secret)
        return Outgoing(request.method, request.path, params, request.body, request.form, request.headers)

    def expired(self, request: Outgoing) -> bool:
        """The next try has a new time and a new nonce."""
        return True


def signature(recipe: SignedAuth, fields: Mapping[str, str], secret: bytes) -> str:
    """The HMAC in hex over the fields in the order of their names."""
    pairs = (fill(recipe.pair, {"name": name, "value": fields[name]}) for name in sorted(fields))
    algorithm = hashes.SM3() if recipe.algorithm == "hmac-sm3" else hashes.SHA256()
    mac = hmac.HMAC(secret, algorithm)
    mac.update(recipe.joiner.join(pairs).encode())
    signed = mac.finalize().hex()
    return signed.upper() if recipe.upper else signed

"""Puts one city together. No connection is opened here."""

import os
from hashlib import blake2b
from typing import Any

from connectors.runtime.indirect import resolve
from connectors.runtime.ports import Failed, Failure, Fittings, Operation, Parts, Priority
from connectors.systems.city_rest import client as http
from connectors.systems.city_rest.auth import Auth, Open, Outgoing, Signed, Token
from connectors.systems.city_rest.client import Answer, Client
from connectors.systems.city_rest.probe import Prober
from connectors.systems.city_rest.settings import CityRestSettings, SignedAuth, TokenAuth
from connectors.systems.city_rest.sink import CitySink
from connectors.systems.city_rest.source import CitySource
from connectors.systems.city_rest.times import CityTimes
from connectors.systems.city_rest.translate import Translator


def build_city_rest(settings: CityRestSettings, fittings: Fittings) -> Parts:
    """The parts of one city. Raises UnresolvedError where a secret or the URL is not to be had."""
    url = resolve(settings.url, os.environ)
    client = Client(settings, url, fittings.calls, fittings.clock)
    auth = _auth(settings, client, fittings)
    translator = Translator(settings)
    source = CitySource(settings, client, auth, translator)
    return Parts(
        code=settings.source,
        mapping=mapping_digest(settings),
        zone=settings.times.zone,
        source=source,
        sink=CitySink(settings, settings.tell, client, auth, translator) if settings.tell else None,
        probe=Prober(url, lambda: http.tls(settings), auth, source, fittings.clock),
        read=translator.read_raw,
        close=client.close,
    )


def mapping_digest(settings: CityRestSettings) -> str:
    """Over all that decides how a row is translated."""
    decides = settings.model_dump_json(include={"source", "times", "fields", "codes", "separators", "detail"})
    return blake2b(decides.encode(), digest_size=8).hexdigest()


def _auth(settings: CityRestSettings, client: Client, fittings: Fittings) -> Auth:
    recipe = settings.auth
    match recipe:
        case TokenAuth():

            def login(request: Outgoing, priority: Priority) -> Any:
                answer = client.send(Operation.LOGIN, request, priority)
                return answer.json if isinstance(answer, Answer) else _refused(answer)

            return Token(recipe, resolve(recipe.key, os.environ), resolve(recipe.secret, os.environ), login)
        case SignedAuth():
            key, secret = resolve(recipe.key, os.environ), resolve(recipe.secret, os.environ)
            return Signed(recipe, key, secret, CityTimes(settings.times), fittings.clock.now)
        case _:
            return Open()


def _refused(failed: Failed) -> Failed:
    """A login that the city thought about and declined is no matter of waiting."""
    if failed.failure in (Failure.REJECTED, Failure.NOT_FOUND, Failure.EXISTS):
        return Failed(
            failure=Failure.LOGIN_REFUSED,
            detail=failed.detail,
            city_code=failed.city_code,
            city_message=failed.city_message,
        )
    return failed

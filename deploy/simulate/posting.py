"""How the virtual city, departments and operators write: real messages in real envelopes, now and then twice."""

from collections.abc import Sequence

from deploy.simulate.agenda import Agenda, moment
from deploy.simulate.broker import Broker
from schemas.base import Message
from schemas.codec import encode
from schemas.envelope import Envelope
from schemas.ids import derived_id
from schemas.report import Report
from schemas.topics import CITY, INBOX, department_reports, partition_of
from schemas.types import NAMES


class Post:
    """The producers of everybody outside."""

    def __init__(self, agenda: Agenda, broker: Broker) -> None:
        self._agenda, self._broker = agenda, broker

    def city(self, message: Message, dispatch: str, own: str, *, times: int = 1) -> None:
        """A snapshot, as a connector writes it now."""
        self._keyed(CITY, message, dispatch, own, "/paidan/connectors/city", times)

    def inbox(self, message: Message, dispatch: str, own: str, source: str, *, times: int = 1) -> None:
        """An outcome or an order, straight to the inbox."""
        self._keyed(INBOX, message, dispatch, own, source, times)

    def report(
        self, department: str, report: Report, *, headers: Sequence[tuple[str, bytes]] = (), times: int = 1
    ) -> None:
        """What a department says, on its own topic, without an envelope unless it gives one."""
        value = encode(report)
        for _ in range(times):
            self._broker.append(department_reports(department), 0, report.dispatch.encode(), value, headers)

    def _keyed(self, topic: str, message: Message, dispatch: str, own: str, source: str, times: int) -> None:
        key = dispatch.encode()
        headers = Envelope(own, source, NAMES[type(message)], moment(self._agenda.now)).headers()
        value = encode(message)
        for _ in range(times):
            self._broker.append(topic, partition_of(key), key, value, headers)


def own_id(*parts: str | int) -> str:
    """An envelope id."""
    return derived_id("simulate", *parts)

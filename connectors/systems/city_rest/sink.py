"""What the city is told, as the push loop wants it."""

from connectors.runtime.ports import Accepted, Failed, Failure, Operation, Priority
from connectors.systems.city_rest.auth import Auth
from connectors.systems.city_rest.client import Client
from connectors.systems.city_rest.envelope import text_at
from connectors.systems.city_rest.settings import CityRestSettings, Push
from connectors.systems.city_rest.source import outgoing
from connectors.systems.city_rest.translate import NoWordError, Translator
from schemas.feedback import Feedback, FeedbackKind


class CitySink:
    """See `ports.Sink`."""

    def __init__(
        self, settings: CityRestSettings, push: Push, client: Client, auth: Auth, translator: Translator
    ) -> None:
        self._settings = settings
        self._push = push
        self._client = client
        self._auth = auth
        self._translator = translator

    @property
    def idempotent(self) -> bool:
        """Whether the city recognises the id."""
        return self._push.idempotent

    @property
    def reads_back(self) -> bool:
        """Whether it can be asked what it was told."""
        return self._push.read_back is not None

    def send(self, feedback: Feedback, id: str, priority: Priority) -> Accepted | Failed:
        """Tells the city."""
        request = self._push.requests.get(feedback.kind)
        if request is None:
            return Failed(failure=Failure.REJECTED, detail="the city has no such request", city_code="no_request")
        try:
            values = self._translator.values(feedback, id, self._push.unit)
        except NoWordError as table:
            return Failed(failure=Failure.REJECTED, detail=f"no word in {table}", city_code="no_word")
        operation = Operation.SIGN if feedback.kind is FeedbackKind.SIGN else Operation.FEEDBACK
        answer = self._client.call(operation, outgoing(request, values), self._auth, priority)
        return answer if isinstance(answer, Failed) else Accepted(answer.city_code, answer.city_message)

    def has(self, feedback: Feedback, id: str, priority: Priority) -> bool | Failed:
        """Whether the city has this id among what it was told of the order."""
        asked = self._push.read_back
        if asked is None:
            return False
        answer = self._client.call(
            Operation.READ_BACK,
            outgoing(asked, {"number": feedback.number, "id": id}),
            self._auth,
            priority,
            rows=asked.rows,
        )
        if isinstance(answer, Failed):
            return answer
        return any(text_at(row.value, asked.id) == id for row in answer.rows)

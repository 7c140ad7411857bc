"""What an answer means: the city's own verdict, else HTTP's. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from connectors.runtime.ports import Failure
from connectors.systems.city_rest.settings import Envelope, Rule, Verdict

FAILURES: Final[dict[Verdict, Failure]] = {
    "busy": Failure.BUSY,
    "error": Failure.SERVER_ERROR,
    "expired": Failure.SESSION,
    "not_found": Failure.NOT_FOUND,
    "exists": Failure.EXISTS,
    "rejected": Failure.REJECTED,
}


def by_status(status: int) -> Verdict | None:
    """What HTTP alone says; None where only the body can tell."""
    if status in (401, 403) or 300 <= status < 400:
        return "expired"
    if status == 429:
        return "busy"
    if status == 408 or status >= 500:
        return "error"
    return None


def is_page_for_people(content_type: str, body: bytes) -> bool:
    """Whether the answer is HTML where data were asked for: a login page."""
    return "html" in content_type or body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def verdict(envelope: Envelope, status: int, answer: Any) -> Verdict | None:
    """By the first rule that holds, else by HTTP; None for an answer that says nothing we know."""
    for rule in envelope.rules:
        if _holds(rule, status, answer):
            return rule.means
    return by_status(status) or ("rejected" if 400 <= status < 500 else None)


def _holds(rule: Rule, status: int, answer: Any) -> bool:
    if rule.status and status not in rule.status:
        return False
    return rule.path is None or text_at(answer, rule.path) in rule.values


def at(answer: Any, path: str) -> Any:
    """The value at `a.b.c`; None where there is none."""
    for key in path.split("."):
        if not isinstance(answer, Mapping):
            return None
        answer = answer.get(key)
    return answer


def text_at(answer: Any, path: str) -> str | None:
    """The same as text; truths as `true` and `false`, as JSON writes them."""
    found = at(answer, path)
    if found is None or isinstance(found, dict | list):
        return None
    return str(found).lower() if isinstance(found, bool) else str(found)

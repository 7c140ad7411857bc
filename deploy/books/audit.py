"""Reads everything, asks everything, and makes the balance."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from time import monotonic

from deploy.books.balance import Books, Offence
from deploy.books.checks import CHECKS, Check, Column
from deploy.books.checks.check import Needs
from deploy.books.city import read_city
from deploy.books.departments import read_department
from deploy.books.ground import Ground, fresh_ground
from deploy.books.reading import read_topics
from schemas.kafka import KafkaSettings

Expected = Mapping[str, Iterable[str]]
"""Dispatch id -> codes of the departments that must get it at first."""

LIMIT = 100
"""Offences listed per check; all are counted."""

_FIGURES = {
    "pulled": "SELECT count(DISTINCT dispatch) FROM snapshot WHERE readable",
    "routed": "SELECT count(DISTINCT dispatch) FROM fact WHERE fact = 'assigned'",
    "reported": """SELECT count(DISTINCT dispatch) FROM fact WHERE department IS NOT NULL AND fact IN
        ('signed', 'contacted', 'progressed', 'answered', 'returned', 'transferred', 'extension_requested')""",
    "fed_back": "SELECT count(DISTINCT dispatch) FROM inbox WHERE outcome IN ('delivered', 'exists')",
    "dead": "SELECT count(DISTINCT origin || '/' || sum) FROM dead WHERE reason <> 'parked'",
    "parked": "SELECT count(DISTINCT origin) FROM dead WHERE reason = 'parked'",
    "replaced": """SELECT count(DISTINCT v.number || '/' || v.version) FROM served s
        JOIN version v ON v.number = s.number AND v.version = s.version
        WHERE NOT EXISTS (SELECT 1 FROM known k JOIN snapshot c ON c.dispatch = k.dispatch
                          WHERE k.number = v.number AND c.print = v.print)""",
    "repeats": """SELECT sum(n - 1) FROM (
        SELECT count(*) AS n FROM inbox GROUP BY part, dispatch, id
        UNION ALL SELECT count(*) FROM fact GROUP BY part, dispatch, id
        UNION ALL SELECT count(*) FROM feedback GROUP BY part, dispatch, id
        UNION ALL SELECT count(*) FROM assignment GROUP BY topic, dispatch, id)""",
}


def run_books(
    kafka: KafkaSettings,
    city_journal: Path | None = None,
    department_journals: Iterable[Path] = (),
    expected: Expected | None = None,
    *,
    limit: int = LIMIT,
) -> Books:
    """Audits what Kafka and the journals hold now. What is still on its way counts as lost: let it arrive first.

    Without `city_journal` and `expected` the checks that need them are left out. Raises OSError for a journal that
    cannot be read, BooksUnreadableError when Kafka stops answering.
    """
    started = monotonic()
    with fresh_ground() as ground:
        if city_journal is not None:
            read_city(city_journal, ground)
        for file in department_journals:
            read_department(file, ground)
        if expected is not None:
            expect(expected, ground)
        records = read_topics(kafka, ground)
        found = balance(ground, city=city_journal is not None, expected=expected is not None, limit=limit)
    return found.model_copy(update={"records": records, "seconds": round(monotonic() - started, 2)})


def expect(expected: Expected, ground: Ground) -> None:
    """Puts somebody else's opinion of the routing on the ground."""
    ground.add("expected", ((dispatch, code) for dispatch, codes in expected.items() for code in codes))


def balance(ground: Ground, *, city: bool, expected: bool, limit: int = LIMIT) -> Books:
    """Asks everything of a settled world; `city` and `expected` say that the ground has those too."""
    given = {Needs.NOTHING} | ({Needs.CITY} if city else set()) | ({Needs.EXPECTED} if expected else set())
    ground.settle()
    counts, offences = _offences(ground, [check for check in CHECKS if check.needs in given], limit)
    figures = {name: ground.count(question) for name, question in _FIGURES.items()}
    columns = {column.value: counts[column] for column in Column}
    return Books(**figures, **columns, records=0, seconds=0.0, offences=tuple(offences))


def _offences(ground: Ground, checks: Iterable[Check], limit: int) -> tuple[Counter[Column], list[Offence]]:
    counts: Counter[Column] = Counter()
    offences: list[Offence] = []
    for check in checks:
        found = ground.ask(check.sql)
        for dispatch, where in islice(found, limit):
            offences.append(
                Offence(
                    column=check.column,
                    check=check.name,
                    dispatch=str(dispatch),
                    where=str(where),
                    zh=check.zh,
                    en=check.en,
                )
            )
            counts[check.column] += 1
        counts[check.column] += sum(1 for _ in found)
    return counts, offences

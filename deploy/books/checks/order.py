"""Out of order: first appearances are not in the order of what they say. Repeats of what was there do not count."""

from deploy.books.checks.check import Check, Column, Needs


def _falls(name: str, zh: str, en: str, table: str, topic: str) -> Check:
    return Check(
        name,
        Column.ORDER,
        zh,
        en,
        f"""
        WITH first AS (
            SELECT {topic} AS topic, dispatch, seq, min(place) AS place FROM {table} GROUP BY {topic}, dispatch, seq
        ), stepped AS (
            SELECT *, lag(seq) OVER (PARTITION BY topic, dispatch ORDER BY place) AS before FROM first
        )
        SELECT dispatch, topic || '/' || place FROM stepped WHERE seq < before
        """,  # noqa: S608
    )


CHECKS = (
    _falls(
        "department_out_of_order",
        "承办单位收到的次序颠倒",
        "a department got it out of order",
        "assignment",
        "topic || '/0'",
    ),
    _falls(
        "journal_out_of_order", "全程记录次序颠倒", "the journal is out of order", "fact", "'bridge.journal/' || part"
    ),
    _falls(
        "feedback_out_of_order", "报市级的次序颠倒", "feedback is out of order", "feedback", "'city.feedback/' || part"
    ),
    Check(
        "inbox_out_of_order",
        Column.ORDER,
        "收件箱次序颠倒",
        "the inbox is out of order",
        """
        WITH first AS (
            SELECT s.dispatch, s.part, s.place, min(i.place) AS came FROM inbox i
            JOIN snapshot s ON i.origin = 'city.dispatches/' || s.part || '/' || s.place
            GROUP BY s.part, s.place
        ), stepped AS (
            SELECT *, lag(came) OVER (PARTITION BY dispatch ORDER BY place) AS before FROM first
        )
        SELECT dispatch, 'bridge.inbox/' || part || '/' || came FROM stepped WHERE came < before
        """,
    ),
    Check(
        "city_told_out_of_order",
        Column.ORDER,
        "市级听到的次序颠倒",
        "the city was told out of order",
        """
        WITH heard AS (
            SELECT b.dispatch, b.seq, min(t.nth) AS nth FROM told t JOIN feedback b ON b.id = t.serial
            WHERE t.answer = 'told' GROUP BY t.serial
        ), stepped AS (
            SELECT *, lag(seq) OVER (PARTITION BY dispatch ORDER BY nth) AS before FROM heard
        )
        SELECT dispatch, 'city journal line ' || (nth + 1) FROM stepped WHERE seq < before
        """,
        Needs.CITY,
    ),
)

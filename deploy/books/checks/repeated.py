"""Repeated effects: one cause took effect twice. Records with the same id and bytes are repeats, and no offence."""

from deploy.books.checks.check import Check, Column, Needs


def _bytes_differ(table: str, topic: str, which: str = "TRUE") -> Check:
    return Check(
        f"{table}_bytes_differ",
        Column.REPEATED,
        "编号相同而内容不同",
        "one id with different bytes",
        f"SELECT dispatch, {topic} || '/' || min(place) FROM {table} WHERE id IS NOT NULL AND {which} "  # noqa: S608
        f"GROUP BY {topic}, id HAVING count(DISTINCT sum) > 1",
    )


def _two_ids(table: str, topic: str) -> Check:
    return Check(
        f"{table}_twice",
        Column.REPEATED,
        "同一件事有两个编号",
        "one effect under two ids",
        f"SELECT dispatch, {topic} || '/' || max(place) FROM {table} "  # noqa: S608
        f"GROUP BY {topic}, dispatch, seq HAVING count(DISTINCT id) > 1",
    )


CHECKS = (
    # an outcome tells when and at which attempt the city answered, a question of the timers when it was asked: a repeat
    # differs, and the first counts
    _bytes_differ("inbox", "'bridge.inbox/' || part", "type NOT IN ('outcome', 'due')"),
    _bytes_differ("fact", "'bridge.journal/' || part"),
    _bytes_differ("feedback", "'city.feedback/' || part"),
    _bytes_differ("assignment", "topic || '/0'"),
    _two_ids("fact", "'bridge.journal/' || part"),
    _two_ids("feedback", "'city.feedback/' || part"),
    _two_ids("assignment", "topic || '/0'"),
    Check(
        "taken_in_twice",
        Column.REPEATED,
        "同一条记录以两个编号进入收件箱",
        "one record entered the inbox under two ids",
        """
        SELECT dispatch, origin FROM inbox WHERE origin IS NOT NULL GROUP BY origin HAVING count(DISTINCT id) > 1
        """,
    ),
    Check(
        "received_twice",
        Column.REPEATED,
        "同一件派单接入两次",
        "one dispatch was received twice",
        """
        SELECT dispatch, 'bridge.journal/' || part || '/' || max(place) FROM fact WHERE fact = 'received'
        GROUP BY dispatch HAVING count(DISTINCT seq) > 1
        """,
    ),
    Check(
        "one_cause_two_effects",
        Column.REPEATED,
        "同一原因生效两次",
        "one cause had the same effect twice",
        """
        SELECT dispatch, 'bridge.journal/' || part || '/' || max(place) FROM fact
        WHERE fact IN ('received', 'amended', 'withdrawn', 'merged', 'closed', 'reopened', 'signed', 'contacted',
                       'progressed', 'answered', 'returned', 'transferred', 'extension_requested', 'reviewed',
                       'feedback_delivered', 'feedback_rejected', 'noted')
        GROUP BY dispatch, cause, fact, department HAVING count(DISTINCT seq) > 1
        """,
    ),
    Check(
        "one_view_two_changes",
        Column.REPEATED,
        "市级的同一次展示生效两次",
        "one view of the city changed a case twice",
        """
        SELECT dispatch, 'bridge.journal/' || part || '/' || max(place) FROM fact
        WHERE fact IN ('received', 'amended', 'reopened')
        GROUP BY dispatch, cause HAVING count(DISTINCT seq) > 1
        """,
    ),
    Check(
        "one_cause_two_decisions",
        Column.REPEATED,
        "同一原因处理两次",
        "what one message brought about is not in one piece",
        """
        SELECT dispatch, 'bridge.journal/' || part || '/' || max(place) FROM fact
        GROUP BY dispatch, cause HAVING max(seq) - min(seq) + 1 > count(DISTINCT seq)
        """,
    ),
    Check(
        "told_twice",
        Column.REPEATED,
        "同一事项以两个流水号报市级",
        "the city was told one thing under two serial numbers",
        """
        SELECT number, 'city journal line ' || (max(nth) + 1) FROM told
        WHERE answer = 'told' AND kind IN ('sign', 'result')
        GROUP BY number, kind, round, epoch HAVING count(DISTINCT serial) > 1
        """,
        Needs.CITY,
    ),
    Check(
        "serial_took_effect_twice",
        Column.REPEATED,
        "同一流水号在市级生效两次",
        "one serial number took effect twice",
        """
        SELECT number, 'city journal line ' || (max(nth) + 1) FROM told WHERE answer = 'told'
        GROUP BY serial HAVING count(*) > 1
        """,
        Needs.CITY,
    ),
    Check(
        "department_did_it_twice",
        Column.REPEATED,
        "承办单位重复办理",
        "a department let one record take effect twice",
        """
        SELECT dispatch, 'journal of ' || department || ' line ' || (max(nth) + 1) FROM done
        GROUP BY department, id HAVING count(*) > 1
        """,
    ),
)

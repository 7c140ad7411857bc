"""Misrouted: a department got what it should not have, or the wrong ones were chosen."""

from deploy.books.checks.check import Check, Column, Needs

CHECKS = (
    Check(
        "wrong_topic",
        Column.MISROUTED,
        "送到了别的单位的主题",
        "on the topic of another department",
        """
        SELECT dispatch, topic || '/0/' || place FROM assignment
        WHERE topic <> 'dept.' || department || '.dispatches'
        """,
    ),
    Check(
        "share_nobody_gave",
        Column.MISROUTED,
        "没有交办记录却送达了单位",
        "a department got a share nobody gave",
        """
        SELECT a.dispatch, a.topic || '/0/' || min(a.place) FROM assignment a
        WHERE NOT EXISTS (SELECT 1 FROM fact f
                          WHERE f.dispatch = a.dispatch AND f.department = a.department
                            AND f.fact = 'assigned' AND f.seq <= a.seq)
        GROUP BY a.id
        """,
    ),
    Check(
        "unexpected_departments",
        Column.MISROUTED,
        "承办单位与预期不符",
        "not the departments that were expected",
        """
        WITH later AS (
            SELECT dispatch, min(seq) AS seq FROM (
                SELECT dispatch, seq, row_number() OVER (PARTITION BY dispatch ORDER BY seq) AS nth
                FROM (SELECT DISTINCT dispatch, seq FROM fact WHERE fact = 'routed')
            ) WHERE nth = 2 GROUP BY dispatch
        ), first AS (
            SELECT DISTINCT a.dispatch, a.department FROM assignment a
            LEFT JOIN later l ON l.dispatch = a.dispatch
            WHERE a.action = 'assigned' AND (l.seq IS NULL OR a.seq < l.seq)
        )
        SELECT dispatch, 'dept.' || department || '.dispatches (not expected)' FROM first
        WHERE dispatch IN (SELECT dispatch FROM expected)
          AND (dispatch, department) NOT IN (SELECT dispatch, department FROM expected)
        UNION ALL
        SELECT dispatch, 'dept.' || department || '.dispatches (missing)' FROM expected
        WHERE dispatch IN (SELECT dispatch FROM first) AND (dispatch, department) NOT IN (SELECT * FROM first)
        """,
        Needs.EXPECTED,
    ),
    Check(
        "expected_and_not_delivered",
        Column.LOST,
        "应交办而没有任何单位收到",
        "expected somewhere, delivered nowhere",
        """
        SELECT e.dispatch, 'dept.' || min(e.department) || '.dispatches' FROM expected e
        WHERE e.dispatch NOT IN (SELECT dispatch FROM assignment)
          AND e.dispatch IN (SELECT dispatch FROM known)
          AND e.dispatch NOT IN (SELECT dispatch FROM dead)
          AND e.dispatch NOT IN (SELECT f.dispatch FROM fact f WHERE f.fact IN ('withdrawn', 'merged', 'closed'))
        GROUP BY e.dispatch
        """,
        Needs.EXPECTED,
    ),
    Check(
        "wrong_partition",
        Column.MISROUTED,
        "不在应在的分区",
        "on a partition where its key does not belong",
        "SELECT dispatch, topic || '/' || part || '/' || place FROM stray WHERE why = 'partition'",
    ),
)

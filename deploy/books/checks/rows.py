"""The case table against the journal: a row that is older than another of its key, or does not say what happened."""

from deploy.books.checks.check import Check, Column

CHECKS = (
    Check(
        "stale_row",
        Column.STALE,
        "案卷表最后一行是旧的",
        "the last row of a key is not its newest",
        "SELECT dispatch, 'bridge.cases/' || part || ': ' || last || ' < ' || highest FROM line WHERE last < highest",
    ),
    Check(
        "row_behind_journal",
        Column.LOST,
        "案卷落后于全程记录",
        "a row is behind the journal",
        """
        SELECT f.dispatch, 'bridge.cases/' || f.part FROM (
            SELECT dispatch, part, max(seq) AS seq FROM fact GROUP BY dispatch
        ) f LEFT JOIN line l ON l.dispatch = f.dispatch
        WHERE coalesce(l.seq, 0) < f.seq AND (l.dispatch IS NULL OR l.state IS NOT NULL)
        """,
    ),
    Check(
        "row_ahead_of_journal",
        Column.LOST,
        "案卷已更新而全程记录缺失",
        "a row knows of facts that are nowhere",
        """
        SELECT l.dispatch, 'bridge.cases/' || l.part FROM line l
        LEFT JOIN (SELECT dispatch, max(seq) AS seq FROM fact GROUP BY dispatch) f ON f.dispatch = l.dispatch
        WHERE l.seq > coalesce(f.seq, 0)
        """,
    ),
)

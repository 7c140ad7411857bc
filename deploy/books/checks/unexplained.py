"""Unexplained: what nobody sent, and what nobody can read."""

from deploy.books.checks.check import Check, Column, Needs

CHECKS = (
    Check(
        "unreadable",
        Column.UNEXPLAINED,
        "无法读取",
        "cannot be read",
        "SELECT dispatch, topic || '/' || part || '/' || place FROM stray WHERE why = 'unreadable'",
    ),
    Check(
        "inbox_from_nowhere",
        Column.UNEXPLAINED,
        "收件箱中的派单没有来源",
        "in the inbox, but from no record of the city",
        """
        SELECT dispatch, origin FROM inbox i WHERE type = 'dispatch' AND origin LIKE 'city.dispatches/%'
          AND origin NOT IN (SELECT 'city.dispatches/' || part || '/' || place FROM snapshot)
        """,
    ),
    Check(
        "told_from_nowhere",
        Column.UNEXPLAINED,
        "市级收到了没有写出的反馈",
        "the city was told what nobody wrote",
        """
        SELECT number, 'city journal line ' || (min(nth) + 1) FROM told t
        WHERE NOT EXISTS (SELECT 1 FROM feedback b WHERE b.id = t.serial) GROUP BY serial
        """,
        Needs.CITY,
    ),
    Check(
        "order_from_nowhere",
        Column.UNEXPLAINED,
        "市级从未发出的派单",
        "a dispatch that the city never issued",
        """
        SELECT dispatch, 'city.dispatches' FROM known JOIN told_of USING (dispatch)
        WHERE number NOT IN (SELECT number FROM version)
        """,
        Needs.CITY,
    ),
    Check(
        "done_from_nowhere",
        Column.UNEXPLAINED,
        "承办单位办理了没有送达的派单",
        "a department acted on what was not sent",
        """
        SELECT d.dispatch, 'journal of ' || d.department || ' line ' || (min(d.nth) + 1) FROM done d
        WHERE NOT EXISTS (SELECT 1 FROM assignment a WHERE a.id = d.id) GROUP BY d.department, d.id
        """,
    ),
)

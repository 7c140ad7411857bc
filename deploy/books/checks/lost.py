"""Lost: something came in at one end of a hop and nothing came out at the other."""

from deploy.books.checks.check import Check, Column, Needs

CHECKS = (
    Check(
        "city_state_not_pulled",
        Column.LOST,
        "市级的最新状态没有进入主题",
        "the city's last state never came in",
        """
        SELECT f.number, 'city journal line ' || (f.nth + 1) FROM final f
        WHERE NOT EXISTS (SELECT 1 FROM known k JOIN snapshot s ON s.dispatch = k.dispatch
                          WHERE k.number = f.number AND s.print = f.print)
        """,
        Needs.CITY,
    ),
    Check(
        "unreadable_not_quarantined",
        Column.LOST,
        "无法读取的记录没有隔离",
        "records that nobody can read were not quarantined",
        """
        WITH RECURSIVE missing (n) AS (
            SELECT (SELECT count(DISTINCT number) FROM unreadable JOIN served USING (number))
                 - (SELECT count(DISTINCT sum) FROM dead WHERE origin LIKE 'connector/%')
            UNION ALL SELECT n - 1 FROM missing WHERE n > 1
        )
        SELECT '?', 'bridge.dead' FROM missing WHERE n > 0
        """,
        Needs.CITY,
    ),
    Check(
        "not_in_inbox",
        Column.LOST,
        "市级派单或单位反馈没有进入收件箱",
        "a record of the city or of a department did not reach the inbox",
        """
        SELECT dispatch, at FROM source s
        WHERE NOT EXISTS (SELECT 1 FROM inbox i WHERE i.origin = s.at)
          AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.origin = s.at)
        """,
    ),
    Check(
        "never_received",
        Column.LOST,
        "收件箱中的派单没有建立案卷",
        "a dispatch of the inbox has no fact at all",
        """
        SELECT dispatch, 'bridge.inbox/' || part || '/' || min(place) FROM inbox i
        WHERE type = 'dispatch' AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.dispatch = i.dispatch)
          AND dispatch NOT IN (SELECT dispatch FROM halted)
        GROUP BY dispatch
        """,
    ),
    Check(
        "change_without_effect",
        Column.LOST,
        "市级的变更没有处理",
        "a change by the city had no effect",
        """
        WITH seen AS (
            SELECT i.dispatch, i.id, i.part, i.place, s.print, s.updated,
                   max(s.updated) OVER (PARTITION BY i.dispatch ORDER BY i.place) AS highest
            FROM inbox i
            JOIN snapshot s ON i.origin = 'city.dispatches/' || s.part || '/' || s.place
        ), first AS (
            SELECT dispatch, id, part, min(place) AS place FROM seen WHERE updated = highest GROUP BY dispatch, print
        )
        SELECT dispatch, 'bridge.inbox/' || part || '/' || place FROM first t
        WHERE NOT EXISTS (SELECT 1 FROM fact f WHERE f.dispatch = t.dispatch AND f.cause = t.id)
          AND dispatch NOT IN (SELECT dispatch FROM halted)
        """,
    ),
    Check(
        "message_without_effect",
        Column.LOST,
        "收件箱中的反馈、结果或指令没有处理",
        "a report, an outcome or an order had no effect",
        """
        WITH opened AS (SELECT dispatch, min(place) AS place FROM inbox WHERE type = 'dispatch' GROUP BY dispatch)
        SELECT i.dispatch, 'bridge.inbox/' || i.part || '/' || min(i.place) FROM inbox i
        JOIN opened o ON o.dispatch = i.dispatch AND o.place < i.place
        WHERE i.type NOT IN ('dispatch', 'due')
          AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.dispatch = i.dispatch AND f.cause = i.id)
          AND i.dispatch NOT IN (SELECT dispatch FROM halted)
        GROUP BY i.dispatch, i.id
        """,
    ),
    Check(
        "gap_in_journal",
        Column.LOST,
        "全程记录有缺号",
        "the journal has a gap",
        """
        SELECT dispatch, 'bridge.journal: ' || count(DISTINCT seq) || ' of ' || max(seq) FROM fact
        GROUP BY dispatch HAVING count(DISTINCT seq) <> max(seq) OR min(seq) <> 1
        """,
    ),
    Check(
        "department_not_told",
        Column.LOST,
        "交办没有送达承办单位",
        "a share that was given or taken is not on its department's topic",
        """
        SELECT f.dispatch, 'dept.' || f.department || '.dispatches' FROM fact f
        WHERE f.fact IN ('assigned', 'unassigned')
          AND NOT EXISTS (SELECT 1 FROM assignment a
                          WHERE a.dispatch = f.dispatch AND a.department = f.department AND a.seq = f.seq
                            AND a.topic = 'dept.' || f.department || '.dispatches')
        GROUP BY f.dispatch, f.seq
        """,
    ),
    Check(
        "old_content_at_department",
        Column.LOST,
        "承办单位看到的不是最新内容",
        "what a department saw last is not the newest",
        """
        WITH held AS (
            SELECT dispatch, department, action, version, face, max(seq) FROM assignment GROUP BY dispatch, department
        ), top AS (SELECT dispatch, max(version) AS version FROM assignment GROUP BY dispatch)
        SELECT h.dispatch, 'dept.' || h.department || '.dispatches' FROM held h
        JOIN newest n ON n.dispatch = h.dispatch AND n.status = 'open'
        JOIN top t ON t.dispatch = h.dispatch
        WHERE h.action <> 'withdrawn' AND (h.version < t.version OR (h.face IS NOT NULL AND h.face <> n.face))
          AND h.dispatch NOT IN (SELECT dispatch FROM halted)
        """,
    ),
    Check(
        "open_without_department",
        Column.LOST,
        "在办派单没有承办单位",
        "a dispatch that is being handled has no department",
        """
        SELECT l.dispatch, 'bridge.cases/' || l.part FROM line l
        WHERE l.state IN ('dispatched', 'handling', 'review', 'reporting', 'reported', 'reopened')
          AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.dispatch = l.dispatch)
          AND l.dispatch NOT IN (SELECT dispatch FROM halted)
        """,
    ),
    Check(
        "change_not_told",
        Column.LOST,
        "市级的变更没有告知承办单位",
        "a department that held the dispatch was not told of a change",
        """
        WITH share AS (
            SELECT DISTINCT dispatch, department, seq, fact,
                   lead(seq) OVER (PARTITION BY dispatch, department ORDER BY seq) AS until
            FROM (SELECT DISTINCT dispatch, department, seq, fact FROM fact WHERE fact IN ('assigned', 'unassigned'))
        )
        SELECT f.dispatch, 'dept.' || s.department || '.dispatches' FROM fact f
        JOIN share s ON s.dispatch = f.dispatch AND s.fact = 'assigned' AND s.seq < f.seq
            AND (s.until IS NULL OR s.until > f.seq)
        WHERE f.fact = 'amended' AND f.state NOT IN ('returned_up', 'closed', 'cancelled', 'merged')
          AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.dispatch = f.dispatch AND a.department = s.department
                          AND a.version = f.version)
        GROUP BY f.dispatch, f.seq, s.department
        """,
    ),
    Check(
        "feedback_not_written",
        Column.LOST,
        "应报市级的没有写出",
        "what the city should be told was not written",
        """
        SELECT f.dispatch, 'city.feedback: ' || f.owes FROM fact f
        WHERE f.owes IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM feedback b
                          WHERE b.dispatch = f.dispatch AND b.seq = f.seq AND b.kind = f.owes)
        GROUP BY f.dispatch, f.seq
        """,
    ),
    Check(
        "feedback_unanswered",
        Column.LOST,
        "报市级的没有结果",
        "what became of a feedback is not known",
        """
        SELECT dispatch, 'city.feedback/' || part || '/' || min(place) FROM feedback b
        WHERE NOT EXISTS (SELECT 1 FROM inbox i WHERE i.feedback = b.id)
          AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.origin = 'city.feedback/' || b.part || '/' || b.place)
        GROUP BY dispatch, id
        """,
    ),
    Check(
        "city_does_not_know",
        Column.LOST,
        "市级没有收到已确认的反馈",
        "the city knows nothing of a feedback it is said to have taken",
        """
        SELECT dispatch, 'bridge.inbox/' || part || '/' || min(place) FROM inbox i
        WHERE outcome IN ('delivered', 'exists') AND dispatch IN (SELECT dispatch FROM told_of)
          AND NOT EXISTS (SELECT 1 FROM told t WHERE t.serial = i.feedback AND t.answer = 'told')
        GROUP BY dispatch, feedback
        """,
        Needs.CITY,
    ),
    Check(
        "department_has_not_read",
        Column.LOST,
        "承办单位没有办理送达的记录",
        "a record never took effect at its department",
        """
        SELECT a.dispatch, a.topic || '/0/' || min(a.place) FROM assignment a
        WHERE a.department IN (SELECT department FROM done)
          AND NOT EXISTS (SELECT 1 FROM done d WHERE d.id = a.id AND d.department = a.department)
        GROUP BY a.topic, a.dispatch, a.id
        """,
    ),
    Check(
        "report_never_arrived",
        Column.LOST,
        "承办单位的反馈没有写入主题",
        "what a department reported is not on its topic",
        """
        SELECT s.dispatch, 'journal of ' || s.department || ' line ' || (s.nth + 1) FROM said s
        WHERE NOT EXISTS (SELECT 1 FROM report r WHERE r.id = s.id)
        """,
    ),
)

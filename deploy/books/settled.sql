-- What several questions ask for, made once when everything has been read.

CREATE TABLE known AS
    SELECT dispatch, substr(dispatch, 1, instr(dispatch, ':') - 1) AS source,
           substr(dispatch, instr(dispatch, ':') + 1) AS number
    FROM (
        SELECT dispatch FROM snapshot WHERE readable
        UNION SELECT dispatch FROM inbox
        UNION SELECT dispatch FROM fact
    );
CREATE INDEX known_number ON known (number);
CREATE INDEX known_dispatch ON known (dispatch);

CREATE INDEX snapshot_dispatch ON snapshot (dispatch, updated);
CREATE INDEX inbox_origin ON inbox (origin);
CREATE INDEX inbox_feedback ON inbox (feedback) WHERE feedback IS NOT NULL;
CREATE INDEX fact_seq ON fact (dispatch, seq);
CREATE INDEX fact_cause ON fact (cause);
CREATE INDEX assignment_seq ON assignment (dispatch, department, seq);
CREATE INDEX feedback_seq ON feedback (dispatch, seq);
CREATE INDEX feedback_id ON feedback (id);
CREATE INDEX line_dispatch ON line (dispatch);
CREATE INDEX told_serial ON told (serial);
CREATE INDEX version_number ON version (number, nth);
CREATE INDEX assignment_id ON assignment (id);
CREATE INDEX report_id ON report (id);
CREATE INDEX done_id ON done (id);
CREATE INDEX dead_origin ON dead (origin);

-- Where each record of the city and of the departments stands, as the inbox names its origin.
CREATE TABLE source AS
    SELECT dispatch, 'city.dispatches/' || part || '/' || place AS at, 'city' AS kind FROM snapshot
    UNION ALL SELECT dispatch, topic || '/0/' || place, 'report' FROM report;
CREATE INDEX source_at ON source (at);

-- The city's last word on each order, by its own journal.
CREATE TABLE final AS SELECT number, status, print, face, max(nth) AS nth FROM version GROUP BY number;

-- Dispatches of the source whose journal this is; another source's are not its business.
CREATE TABLE told_of AS
    SELECT dispatch FROM known WHERE source IN (SELECT k.source FROM known k JOIN final f ON f.number = k.number);
CREATE INDEX told_of_dispatch ON told_of (dispatch);

-- The newest readable snapshot of each dispatch, by the city's own update time.
CREATE TABLE newest AS
    SELECT dispatch, status, face FROM (
        SELECT s.dispatch, s.status, s.face,
               row_number() OVER (PARTITION BY s.dispatch ORDER BY s.updated DESC, s.place DESC) AS nth
        FROM snapshot s
        WHERE s.readable
          AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.origin = 'city.dispatches/' || s.part || '/' || s.place)
    ) WHERE nth = 1;
CREATE INDEX newest_dispatch ON newest (dispatch);

-- Dispatches of which a record is dead or parked: what follows from that record is owed to nobody yet.
CREATE TABLE halted AS
    SELECT DISTINCT dispatch FROM dead WHERE origin LIKE 'bridge.inbox/%' OR origin LIKE 'city.dispatches/%';
CREATE INDEX halted_dispatch ON halted (dispatch);

ANALYZE;

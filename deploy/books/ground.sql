-- Everything that was read, one table a kind of source. `part` and `place` are Kafka's partition and offset,
-- `sum` is a digest of the value, `id` the envelope's id.

CREATE TABLE snapshot (
    part INTEGER, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER, readable INTEGER,
    status TEXT, round INTEGER, updated TEXT, print INTEGER, face INTEGER
);
CREATE TABLE inbox (
    part INTEGER, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER, type TEXT, origin TEXT,
    feedback TEXT, outcome TEXT
);
CREATE TABLE fact (
    part INTEGER, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER, seq INTEGER, fact TEXT, round INTEGER,
    state TEXT, department TEXT, cause TEXT, version INTEGER, owes TEXT
);
CREATE TABLE feedback (
    part INTEGER, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER, seq INTEGER, kind TEXT, round INTEGER,
    department TEXT
);
CREATE TABLE assignment (
    topic TEXT, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER, department TEXT, seq INTEGER, version INTEGER,
    round INTEGER, action TEXT, role TEXT, face INTEGER
);
CREATE TABLE report (
    topic TEXT, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER
);
CREATE TABLE dead (
    part INTEGER, place INTEGER, dispatch TEXT, id TEXT, sum INTEGER, reason TEXT, origin TEXT
);
-- One line a key: the offset its last row was made from, the highest of all its rows, and what that row says.
CREATE TABLE line (
    part INTEGER, dispatch TEXT, last INTEGER, highest INTEGER, seq INTEGER, state TEXT
);
-- Records that are on a partition where their key does not belong, and records of ours that cannot be read.
CREATE TABLE stray (topic TEXT, part INTEGER, place INTEGER, dispatch TEXT, why TEXT);

-- The city's own journal: what its orders were, in order; what it served; what it was told.
CREATE TABLE version (
    number TEXT, version INTEGER, nth INTEGER, status TEXT, round INTEGER, epoch INTEGER, print INTEGER, face INTEGER
);
CREATE TABLE served (number TEXT, version INTEGER, PRIMARY KEY (number, version)) WITHOUT ROWID;
CREATE TABLE unreadable (number TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE told (
    nth INTEGER, number TEXT, serial TEXT, kind TEXT, round INTEGER, epoch INTEGER, answer TEXT
);

-- What the departments say they did, and what somebody else says the routing should have been.
CREATE TABLE done (department TEXT, nth INTEGER, dispatch TEXT, id TEXT);
CREATE TABLE said (department TEXT, nth INTEGER, dispatch TEXT, id TEXT);
CREATE TABLE expected (dispatch TEXT, department TEXT, PRIMARY KEY (dispatch, department)) WITHOUT ROWID;

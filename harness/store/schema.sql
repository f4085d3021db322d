-- One run. Traces are append-only; `fence` is the number of the living pen.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE trials (
    short    TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    key      TEXT NOT NULL UNIQUE,
    fence    INTEGER NOT NULL DEFAULT 0,
    tries    INTEGER NOT NULL DEFAULT 0,
    settled  REAL
) WITHOUT ROWID;
CREATE TABLE events (
    short TEXT NOT NULL REFERENCES trials (short),
    seq   INTEGER NOT NULL,
    at    REAL NOT NULL,
    event BLOB NOT NULL,
    PRIMARY KEY (short, seq)
) WITHOUT ROWID;
CREATE TABLE notes (at REAL NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL);

-- Since format 2. What a judge said of settled traces: computed, so the table may be emptied at any time; rowid tells who judged first.
CREATE TABLE rows (
    short TEXT NOT NULL REFERENCES trials (short),
    judge TEXT NOT NULL,
    made  REAL NOT NULL,
    row   BLOB NOT NULL,
    UNIQUE (short, judge)
);

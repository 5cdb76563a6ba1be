-- What a source's crawl remembers from one run to the next, and what a killed run left behind.
PRAGMA user_version = 1;

-- Documents that announce articles, robots.txt and tdmrep.json among them: validators and a hash of the content,
-- since servers keep an ETag though the document changed and change it though it did not.
CREATE TABLE IF NOT EXISTS documents (
    url            TEXT PRIMARY KEY,
    kind           TEXT NOT NULL,
    found_by       TEXT NOT NULL,            -- registry, or how discovery found it
    etag           TEXT,
    last_modified  TEXT,
    content_hash   TEXT,
    body           BLOB,                     -- kept only for robots.txt and tdmrep.json, which are needed on a 304
    checked_at     TEXT,
    changed_at     TEXT,
    failures       INTEGER NOT NULL DEFAULT 0
);

-- Every article ever announced or read, under the id of its canonical URL.
CREATE TABLE IF NOT EXISTS articles (
    article_id     TEXT PRIMARY KEY,
    url            TEXT NOT NULL,
    first_day      TEXT NOT NULL,            -- logical day of the crawl
    read_day       TEXT,                     -- last day on which the page was asked for
    read_at        TEXT,                     -- the same by the clock
    reads          INTEGER NOT NULL DEFAULT 0,
    version_id     TEXT,
    etag           TEXT,
    last_modified  TEXT,
    announced      TEXT,                     -- hash of the last announcement by each way: a change is a reason to look again
    basis          TEXT,
    gone           INTEGER NOT NULL DEFAULT 0
);

-- Another address of the same article (AMP or print variant, redirect).
CREATE TABLE IF NOT EXISTS aliases (
    alias_id       TEXT PRIMARY KEY,
    article_id     TEXT NOT NULL
);

-- Announced and not yet read: what a killed run, a full budget or a failing host left for the next one.
CREATE TABLE IF NOT EXISTS queue (
    article_id     TEXT PRIMARY KEY,
    candidate      TEXT NOT NULL,
    queued_day     TEXT NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0,
    tried_day      TEXT
);

-- Articles read and not yet written to their day's file.
CREATE TABLE IF NOT EXISTS journal (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    day            TEXT NOT NULL,
    article_id     TEXT NOT NULL,
    version_id     TEXT NOT NULL,
    line           TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS issues (
    day            TEXT NOT NULL,
    url            TEXT NOT NULL,
    stage          TEXT NOT NULL,
    kind           TEXT NOT NULL,
    message        TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (day, url, stage, kind)
);

-- Archive files and the length up to which their records are complete.
CREATE TABLE IF NOT EXISTS archives (
    file           TEXT PRIMARY KEY,
    length         INTEGER NOT NULL,
    day            TEXT NOT NULL,
    keep_until     TEXT
);

-- One row a day: the history that health is measured against.
CREATE TABLE IF NOT EXISTS history (
    day            TEXT PRIMARY KEY,
    report         TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS notes (
    name           TEXT PRIMARY KEY,
    value          TEXT NOT NULL
);

-- What tying needs beside the facts: an index of the tellings that are tied, the words under which they are looked up,
-- and reports that tell a project's outcome.

CREATE TABLE store.telling_index (
    telling_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    slot VARCHAR NOT NULL,
    published_on DATE NOT NULL
);
COMMENT ON TABLE store.telling_index IS 'Tellings as they were last tied; kept until their article is tied again, so that an id is found again after re-reading';
COMMENT ON COLUMN store.telling_index.telling_id IS 'Telling';
COMMENT ON COLUMN store.telling_index.version_id IS 'Version';
COMMENT ON COLUMN store.telling_index.article_id IS 'Article';
COMMENT ON COLUMN store.telling_index.kind IS 'Kind of project as told';
COMMENT ON COLUMN store.telling_index.slot IS 'What the telling is in its article beyond its words: kind, first carrier, order among such';
COMMENT ON COLUMN store.telling_index.published_on IS 'Day of publication';

CREATE TABLE store.telling_keys (
    telling_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    published_on DATE NOT NULL,
    key VARCHAR NOT NULL
);
COMMENT ON TABLE store.telling_keys IS 'Blocking: only tellings that share a key are compared';
COMMENT ON COLUMN store.telling_keys.telling_id IS 'Telling';
COMMENT ON COLUMN store.telling_keys.article_id IS 'Article';
COMMENT ON COLUMN store.telling_keys.kind IS 'Kind of project as told';
COMMENT ON COLUMN store.telling_keys.published_on IS 'Day of publication';
COMMENT ON COLUMN store.telling_keys.key IS 'Word of a carrier''s name with a department, word of the project''s name';

ALTER TABLE store.project_reports ADD COLUMN relation VARCHAR DEFAULT 'told';
COMMENT ON COLUMN store.project_reports.relation IS 'told: the article tells the project itself; outcome: it tells what became of it (the takeover of an insolvent company)';

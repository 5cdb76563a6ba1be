-- What judging organisations and people needs beside their mentions: by which key and in which circumstances each is
-- named, which keys are known to be one, and who is meant by a key in its circumstances.

CREATE TABLE store.entity_index (
    entity VARCHAR NOT NULL,
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    signature VARCHAR NOT NULL,
    published_on DATE NOT NULL
);
COMMENT ON TABLE store.entity_index IS 'Mentions of organisations and people by what identifies them';
COMMENT ON COLUMN store.entity_index.entity IS 'organisation or person';
COMMENT ON COLUMN store.entity_index.mention_id IS 'Mention';
COMMENT ON COLUMN store.entity_index.version_id IS 'Version';
COMMENT ON COLUMN store.entity_index.article_id IS 'Article';
COMMENT ON COLUMN store.entity_index.key IS 'Normalised name';
COMMENT ON COLUMN store.entity_index.signature IS 'Circumstances as JSON: home, departments, section of activity; for people organisations and region';
COMMENT ON COLUMN store.entity_index.published_on IS 'Day of the article';

CREATE TABLE store.entity_edges (
    entity VARCHAR NOT NULL,
    left_key VARCHAR NOT NULL,
    right_key VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    rule VARCHAR NOT NULL
);
COMMENT ON TABLE store.entity_edges IS 'Two names that are one organisation, or that one article tells apart';
COMMENT ON COLUMN store.entity_edges.entity IS 'organisation';
COMMENT ON COLUMN store.entity_edges.left_key IS 'One key, the smaller';
COMMENT ON COLUMN store.entity_edges.right_key IS 'The other key';
COMMENT ON COLUMN store.entity_edges.origin IS 'Article or project that says so';
COMMENT ON COLUMN store.entity_edges.rule IS 'alias (an article gives both), project (both carry one project), apart (an article names both as two)';

CREATE TABLE store.entity_names (
    entity VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    signature VARCHAR NOT NULL,
    entity_id VARCHAR NOT NULL
);
COMMENT ON TABLE store.entity_names IS 'Who is meant by a name in its circumstances';
COMMENT ON COLUMN store.entity_names.entity IS 'organisation or person';
COMMENT ON COLUMN store.entity_names.key IS 'Normalised name';
COMMENT ON COLUMN store.entity_names.signature IS 'Circumstances';
COMMENT ON COLUMN store.entity_names.entity_id IS 'Organisation or person';

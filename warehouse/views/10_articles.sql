CREATE VIEW article_versions AS
SELECT v.article_id, v.version_id, v.url, v.source_id, v.title, v.standfirst, v.authors, v.published_at, v.published_on,
       v.modified_at, v.fetched_at, v.access, coalesce(v.region_code, s.region_code) AS region_code, v.language,
       v.section, v.tags, v.words, v.rights_basis, v.redistribute_text, v.audience, v.keep_text_until, v.text_expired_on,
       v.version_id = a.latest_version_id AS is_latest, r.rules, r.model, v.day, v.recorded_at
FROM store.article_versions v
JOIN store.articles a USING (article_id)
LEFT JOIN store.sources s ON s.source_id = v.source_id
LEFT JOIN store.readings r USING (version_id);
COMMENT ON VIEW article_versions IS 'Every text that an article has had: a row a version';
COMMENT ON COLUMN article_versions.article_id IS 'Article';
COMMENT ON COLUMN article_versions.version_id IS 'Version';
COMMENT ON COLUMN article_versions.url IS 'Address as it came';
COMMENT ON COLUMN article_versions.source_id IS 'Source';
COMMENT ON COLUMN article_versions.title IS 'Title';
COMMENT ON COLUMN article_versions.standfirst IS 'Standfirst (chapô)';
COMMENT ON COLUMN article_versions.authors IS 'Authors';
COMMENT ON COLUMN article_versions.published_at IS 'Published; midnight in Paris where only the day is known';
COMMENT ON COLUMN article_versions.published_on IS 'Day of publication in France; where unknown the day it was fetched or loaded for';
COMMENT ON COLUMN article_versions.modified_at IS 'Last changed according to the page';
COMMENT ON COLUMN article_versions.fetched_at IS 'When this text was last fetched';
COMMENT ON COLUMN article_versions.access IS 'full or teaser; null: unknown';
COMMENT ON COLUMN article_versions.region_code IS 'INSEE code of the region of the article, else of its source';
COMMENT ON COLUMN article_versions.language IS 'Language, ISO 639-1';
COMMENT ON COLUMN article_versions.section IS 'Section of the title';
COMMENT ON COLUMN article_versions.tags IS 'Tags of the page';
COMMENT ON COLUMN article_versions.words IS 'Words of title, standfirst and body';
COMMENT ON COLUMN article_versions.rights_basis IS 'licensed, accepted, supplied, unconfirmed or reserved';
COMMENT ON COLUMN article_versions.redistribute_text IS 'Whether the whole text may be passed on';
COMMENT ON COLUMN article_versions.audience IS 'internal or external: whom the rights let read it';
COMMENT ON COLUMN article_versions.keep_text_until IS 'Last day on which the text may be kept; null: no limit';
COMMENT ON COLUMN article_versions.text_expired_on IS 'Day on which the text was removed by its rights';
COMMENT ON COLUMN article_versions.is_latest IS 'Whether it is the article''s latest version';
COMMENT ON COLUMN article_versions.rules IS 'Version of the rules that read it';
COMMENT ON COLUMN article_versions.model IS 'Version of the model that read it';
COMMENT ON COLUMN article_versions.day IS 'First logical day for which it was loaded';
COMMENT ON COLUMN article_versions.recorded_at IS 'When it was loaded first';

CREATE VIEW articles AS
SELECT a.article_id, a.url, a.source_id, coalesce(s.name, v.source) AS source, v.title, v.standfirst, v.authors,
       v.published_at, a.published_on, v.modified_at, v.fetched_at, v.access,
       coalesce(v.region_code, s.region_code) AS region_code, v.language, v.section, v.tags, v.words, v.rights_basis,
       v.audience, v.version_id, a.canonical_url, a.ident, c.copy_of, a.first_day,
       a.withdrawn_on
FROM store.articles a
JOIN store.article_versions v ON v.version_id = a.latest_version_id
LEFT JOIN store.sources s ON s.source_id = a.source_id
LEFT JOIN store.near_copies c ON c.article_id = a.article_id;
COMMENT ON VIEW articles IS 'Articles: a row an article, in its latest version';
COMMENT ON COLUMN articles.article_id IS 'Key: hash of the canonical address';
COMMENT ON COLUMN articles.url IS 'Address as it came';
COMMENT ON COLUMN articles.source_id IS 'Source';
COMMENT ON COLUMN articles.source IS 'Name of the source';
COMMENT ON COLUMN articles.title IS 'Title';
COMMENT ON COLUMN articles.standfirst IS 'Standfirst (chapô)';
COMMENT ON COLUMN articles.authors IS 'Authors';
COMMENT ON COLUMN articles.published_at IS 'Published; midnight in Paris where only the day is known';
COMMENT ON COLUMN articles.published_on IS 'Day of publication in France; where unknown the day it was fetched or loaded for';
COMMENT ON COLUMN articles.modified_at IS 'Last changed according to the page';
COMMENT ON COLUMN articles.fetched_at IS 'When its text was last fetched';
COMMENT ON COLUMN articles.access IS 'full or teaser; null: unknown';
COMMENT ON COLUMN articles.region_code IS 'INSEE code of the region of the article, else of its source';
COMMENT ON COLUMN articles.language IS 'Language, ISO 639-1; facts are read from French only';
COMMENT ON COLUMN articles.section IS 'Section of the title';
COMMENT ON COLUMN articles.tags IS 'Tags of the page';
COMMENT ON COLUMN articles.words IS 'Words of title, standfirst and body';
COMMENT ON COLUMN articles.rights_basis IS 'licensed, accepted, supplied, unconfirmed or reserved';
COMMENT ON COLUMN articles.audience IS 'internal or external: whom the rights let read it';
COMMENT ON COLUMN articles.version_id IS 'Latest version';
COMMENT ON COLUMN articles.canonical_url IS 'Address without trackers and fragment';
COMMENT ON COLUMN articles.ident IS 'Id under which it was given';
COMMENT ON COLUMN articles.copy_of IS 'Where it is a near-copy: the oldest article of its group';
COMMENT ON COLUMN articles.first_day IS 'First logical day for which it was loaded';
COMMENT ON COLUMN articles.withdrawn_on IS 'Day on which its page was found gone (404, 410), where it was not seen since';

CREATE VIEW article_texts AS
SELECT a.article_id, a.url AS article_url, b.block, b.kind, b.text
FROM store.articles a JOIN store.blocks b ON b.version_id = a.latest_version_id;
COMMENT ON VIEW article_texts IS 'Text of the latest versions, block by block, as far as it may be kept (in the published copy: passed on)';
COMMENT ON COLUMN article_texts.article_id IS 'Article';
COMMENT ON COLUMN article_texts.article_url IS 'Its address';
COMMENT ON COLUMN article_texts.block IS 'Index, 0..';
COMMENT ON COLUMN article_texts.kind IS 'paragraph, heading or caption';
COMMENT ON COLUMN article_texts.text IS 'Text';

CREATE VIEW near_copies AS
SELECT a.url AS article_url, o.url AS copy_of_url, n.similarity, n.relation, n.article_id, n.copy_of AS copy_of_id
FROM store.near_copies n
JOIN store.articles a ON a.article_id = n.article_id
JOIN store.articles o ON o.article_id = n.copy_of;
COMMENT ON VIEW near_copies IS 'Articles that tell the same text as an older one: never counted as another source';
COMMENT ON COLUMN near_copies.article_url IS 'The near-copy';
COMMENT ON COLUMN near_copies.copy_of_url IS 'Oldest article of its group';
COMMENT ON COLUMN near_copies.similarity IS 'Share of the shorter text that the longer one has, 0 to 1';
COMMENT ON COLUMN near_copies.relation IS 'copy, teaser (shortened) or update (states other numbers, or much more)';
COMMENT ON COLUMN near_copies.article_id IS 'The near-copy, its key';
COMMENT ON COLUMN near_copies.copy_of_id IS 'Oldest article of its group, its key';

-- The full-text index. It is our own table and not the extension's, since the extension can only make its index anew from
-- all articles at each publishing (16 s per 100,000 articles, and nearly 0.1 s a query); this one grows with what is new.
-- Stems come from the extension (Snowball, French).

CREATE TABLE store.search_documents (
    article_no INTEGER PRIMARY KEY,
    article_id VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    length INTEGER NOT NULL
);
COMMENT ON TABLE store.search_documents IS 'Articles in the full-text index: what may be published of them (title, standfirst, names, extracts of facts; whole texts only where licensed)';
COMMENT ON COLUMN store.search_documents.article_no IS 'Short number of the article in the index';
COMMENT ON COLUMN store.search_documents.article_id IS 'Article';
COMMENT ON COLUMN store.search_documents.state IS 'Version and facts that were indexed';
COMMENT ON COLUMN store.search_documents.length IS 'Weighted number of words';

CREATE TABLE store.search_terms (
    term_id INTEGER PRIMARY KEY,
    term VARCHAR NOT NULL
);
COMMENT ON TABLE store.search_terms IS 'Words of the full-text index as French stems; ~ marks the stem of a word without its accents, where that is another';
COMMENT ON COLUMN store.search_terms.term_id IS 'Number of the stem';
COMMENT ON COLUMN store.search_terms.term IS 'Stem';

CREATE TABLE store.search_postings (
    term_id INTEGER NOT NULL,
    article_no INTEGER NOT NULL,
    weight USMALLINT NOT NULL
);
COMMENT ON TABLE store.search_postings IS 'Which stem stands in which article, how often';
COMMENT ON COLUMN store.search_postings.term_id IS 'Stem';
COMMENT ON COLUMN store.search_postings.article_no IS 'Article';
COMMENT ON COLUMN store.search_postings.weight IS 'How often; the title counts three times, standfirst and names twice';

-- The whole schema. Tables live in the schema `store`; what an analyst sees are the views of `views/*.sql` in `main`.
--
-- Conventions
--   * Ids are text. article_id, version_id: crawlers.items. A fact's id is '<version_id>.<8 hex digits of what it says
--     and where>', so that the same reading gives the same ids and another reading of the same words mostly does too.
--   * Facts hang on an article *version* (version_id) and are replaced together; the big tables have no index on
--     purpose (replacing is by zone-mapped scan, publishing copies them whole); checks/*.sql assert what a key would.
--   * Evidence of a fact: block (-2 title, -1 standfirst, 0.. body), start and end in Unicode code points, the text of
--     the slice and the sentence around it. Text and sentence stay after the article's text has expired.
--   * `rules` and `model` on every fact are the versions of the reader that found it.
--   * What is merged across articles is a judgement (store.judgements): dated, never edited, superseded.
--   * recorded_at is when the warehouse learned it (given from outside, TIMESTAMPTZ in UTC), `day` is the logical day.
--   * Written by warehouse/store.py (load): articles, article_versions, blocks, readings, *_mentions, *_facts,
--     project_tellings. By copies.py: signatures, boilerplate, copy_pairs, near_copies. By resolve.py: organisations,
--     people, places, *_links, sirene. By tie.py: projects, project_reports. By history.py: history_steps,
--     project_states, project_conflicts. By judge.py: judgements (decided_by an analyst).

CREATE SCHEMA IF NOT EXISTS store;

CREATE TABLE store.meta (
    key VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE store.meta IS 'What the file knows about itself: hash of its views and codes, when and how it was published';
COMMENT ON COLUMN store.meta.key IS 'Name';
COMMENT ON COLUMN store.meta.value IS 'Value';

-- ------------------------------------------------------------------------------------------------ official codes

CREATE TABLE store.codes (
    level VARCHAR NOT NULL,          -- commune, department, region, country, epci
    code VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    department_code VARCHAR,
    region_code VARCHAR,
    epci_code VARCHAR,
    lat DOUBLE,
    lon DOUBLE,
    population INTEGER
);
COMMENT ON TABLE store.codes IS 'Official geographic code (INSEE COG; ISO 3166-1 for countries): what a code means and what it lies in';
COMMENT ON COLUMN store.codes.level IS 'commune, department, region, country or epci';
COMMENT ON COLUMN store.codes.code IS 'INSEE code of a commune, department or region, SIREN of an EPCI, ISO alpha-2 of a country';
COMMENT ON COLUMN store.codes.name IS 'Official name';
COMMENT ON COLUMN store.codes.department_code IS 'Department that it lies in';
COMMENT ON COLUMN store.codes.region_code IS 'Region that it lies in';
COMMENT ON COLUMN store.codes.epci_code IS 'Intercommunal body (SIREN) that a commune belongs to';
COMMENT ON COLUMN store.codes.lat IS 'Latitude of its centre, degrees';
COMMENT ON COLUMN store.codes.lon IS 'Longitude of its centre, degrees';
COMMENT ON COLUMN store.codes.population IS 'Inhabitants';

CREATE TABLE store.sirene (
    siren VARCHAR NOT NULL,
    siret VARCHAR,
    name VARCHAR NOT NULL,
    name_key VARCHAR NOT NULL,
    acronym VARCHAR,
    naf VARCHAR,
    commune_code VARCHAR,
    is_head_office BOOLEAN,
    active BOOLEAN
);
COMMENT ON TABLE store.sirene IS 'Companies and establishments of a Sirene stock file, where one was imported (veilleur sirene import)';
COMMENT ON COLUMN store.sirene.siren IS 'Company number, nine digits';
COMMENT ON COLUMN store.sirene.siret IS 'Establishment number, fourteen digits; null for the company itself';
COMMENT ON COLUMN store.sirene.name IS 'Registered or usual name';
COMMENT ON COLUMN store.sirene.name_key IS 'Normalised name by which it is looked up';
COMMENT ON COLUMN store.sirene.acronym IS 'Registered acronym';
COMMENT ON COLUMN store.sirene.naf IS 'NAF rev. 2 activity code';
COMMENT ON COLUMN store.sirene.commune_code IS 'INSEE code of the commune';
COMMENT ON COLUMN store.sirene.is_head_office IS 'Whether the establishment is the head office';
COMMENT ON COLUMN store.sirene.active IS 'Whether it was active in the stock file';

-- ------------------------------------------------------------------------------------------------ articles

CREATE TABLE store.sources (
    source_id VARCHAR PRIMARY KEY,
    name VARCHAR,
    homepage VARCHAR,
    kind VARCHAR,
    region_code VARCHAR,
    rights_basis VARCHAR,
    redistribute_text BOOLEAN,
    expected_per_week DOUBLE,
    config JSON,
    health JSON,
    recorded_at TIMESTAMPTZ
);
COMMENT ON TABLE store.sources IS 'Sources of the registry as last recorded, and the health that the crawler reported';
COMMENT ON COLUMN store.sources.source_id IS 'Key of the registry entry; a source met without one gets a row of its own';
COMMENT ON COLUMN store.sources.name IS 'Name of the title';
COMMENT ON COLUMN store.sources.homepage IS 'Address of its home page';
COMMENT ON COLUMN store.sources.kind IS 'press, announcements, releases …';
COMMENT ON COLUMN store.sources.region_code IS 'INSEE code of its region, null where national';
COMMENT ON COLUMN store.sources.rights_basis IS 'licensed, accepted, supplied, unconfirmed or reserved';
COMMENT ON COLUMN store.sources.redistribute_text IS 'Whether a licence covers passing on whole texts';
COMMENT ON COLUMN store.sources.expected_per_week IS 'Articles expected in a week; null: not known';
COMMENT ON COLUMN store.sources.config IS 'The registry entry';
COMMENT ON COLUMN store.sources.health IS 'Last health report of its crawl';
COMMENT ON COLUMN store.sources.recorded_at IS 'When this row was last written';

CREATE TABLE store.articles (
    article_id VARCHAR PRIMARY KEY,
    url VARCHAR,
    canonical_url VARCHAR,
    ident VARCHAR,
    source_id VARCHAR,
    latest_version_id VARCHAR NOT NULL,
    published_on DATE,
    first_day DATE NOT NULL,
    withdrawn_on DATE
);
COMMENT ON TABLE store.articles IS 'One row an article: its key, its address and which version is the latest';
COMMENT ON COLUMN store.articles.article_id IS 'Hash of the canonical URL, of the given id where there is no URL';
COMMENT ON COLUMN store.articles.url IS 'Address as it came';
COMMENT ON COLUMN store.articles.canonical_url IS 'Address without tracking parameters, fragment …';
COMMENT ON COLUMN store.articles.ident IS 'Id under which the article was given';
COMMENT ON COLUMN store.articles.source_id IS 'Source';
COMMENT ON COLUMN store.articles.latest_version_id IS 'Version that was seen last';
COMMENT ON COLUMN store.articles.published_on IS 'Day of publication in France; where unknown the day it was fetched or loaded for';
COMMENT ON COLUMN store.articles.first_day IS 'First logical day for which it was loaded';
COMMENT ON COLUMN store.articles.withdrawn_on IS 'Day on which the source was seen to have withdrawn it';

CREATE TABLE store.article_versions (
    version_id VARCHAR PRIMARY KEY,
    article_id VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    source_id VARCHAR,
    source VARCHAR,
    url VARCHAR,
    title VARCHAR,
    standfirst VARCHAR,
    authors VARCHAR[],
    region VARCHAR,
    region_code VARCHAR,
    published_at TIMESTAMPTZ,
    published_on DATE,
    published_raw VARCHAR,
    modified_at TIMESTAMPTZ,
    modified_raw VARCHAR,
    fetched_at TIMESTAMPTZ,
    seen_at TIMESTAMPTZ NOT NULL,
    section VARCHAR,
    tags VARCHAR[],
    language VARCHAR,
    access VARCHAR,
    words INTEGER,
    rights_basis VARCHAR,
    store_text BOOLEAN,
    redistribute_text BOOLEAN,
    audience VARCHAR,
    keep_text_until DATE,
    rights_evidence VARCHAR,
    text_expired_on DATE,
    archive_file VARCHAR,
    archive_offset BIGINT,
    archive_record_id VARCHAR,
    extraction VARCHAR,
    day DATE NOT NULL,
    last_day DATE NOT NULL,
    run_id VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.article_versions IS 'Every text that an article has had';
COMMENT ON COLUMN store.article_versions.version_id IS 'Hash of article_id and text_hash: the same text under two addresses is two versions';
COMMENT ON COLUMN store.article_versions.article_id IS 'Article';
COMMENT ON COLUMN store.article_versions.text_hash IS 'Hash of title, standfirst and blocks (crawlers.items.version_id)';
COMMENT ON COLUMN store.article_versions.source_id IS 'Source';
COMMENT ON COLUMN store.article_versions.source IS 'Name of the source as given with the article';
COMMENT ON COLUMN store.article_versions.url IS 'Address as it came with this version';
COMMENT ON COLUMN store.article_versions.title IS 'Title';
COMMENT ON COLUMN store.article_versions.standfirst IS 'Standfirst (chapô)';
COMMENT ON COLUMN store.article_versions.authors IS 'Authors';
COMMENT ON COLUMN store.article_versions.region IS 'Region as given with the article';
COMMENT ON COLUMN store.article_versions.region_code IS 'INSEE code of that region, else of its source''s';
COMMENT ON COLUMN store.article_versions.published_at IS 'Published; midnight in Paris where only the day is known';
COMMENT ON COLUMN store.article_versions.published_on IS 'Day of publication in France; where unknown the day it was fetched or loaded for';
COMMENT ON COLUMN store.article_versions.published_raw IS 'Publication time in the page''s own words';
COMMENT ON COLUMN store.article_versions.modified_at IS 'Last changed according to the page';
COMMENT ON COLUMN store.article_versions.modified_raw IS 'Time of change in the page''s own words';
COMMENT ON COLUMN store.article_versions.fetched_at IS 'When this text was last fetched';
COMMENT ON COLUMN store.article_versions.seen_at IS 'When this text was last seen: fetched, else modified, else published, else the day; the greatest (then last_day, recorded_at) is the latest version';
COMMENT ON COLUMN store.article_versions.section IS 'Section of the title';
COMMENT ON COLUMN store.article_versions.tags IS 'Tags of the page';
COMMENT ON COLUMN store.article_versions.language IS 'Language as read, ISO 639-1';
COMMENT ON COLUMN store.article_versions.access IS 'full or teaser; null: unknown';
COMMENT ON COLUMN store.article_versions.words IS 'Words of title, standfirst and body';
COMMENT ON COLUMN store.article_versions.rights_basis IS 'licensed, accepted, supplied, unconfirmed or reserved';
COMMENT ON COLUMN store.article_versions.store_text IS 'Whether the text may be kept';
COMMENT ON COLUMN store.article_versions.redistribute_text IS 'Whether the whole text may be passed on';
COMMENT ON COLUMN store.article_versions.audience IS 'internal or external: whom the licence lets read it';
COMMENT ON COLUMN store.article_versions.keep_text_until IS 'Last day on which the text may be kept; null: no limit';
COMMENT ON COLUMN store.article_versions.rights_evidence IS 'Mark or terms that decided the rights';
COMMENT ON COLUMN store.article_versions.text_expired_on IS 'Day on which the text was removed by its rights';
COMMENT ON COLUMN store.article_versions.archive_file IS 'WARC file of the page';
COMMENT ON COLUMN store.article_versions.archive_offset IS 'Byte offset in that file';
COMMENT ON COLUMN store.article_versions.archive_record_id IS 'Record id in that file';
COMMENT ON COLUMN store.article_versions.extraction IS 'Method that read the page';
COMMENT ON COLUMN store.article_versions.day IS 'First logical day for which this version was loaded';
COMMENT ON COLUMN store.article_versions.last_day IS 'Last logical day for which this version was loaded';
COMMENT ON COLUMN store.article_versions.run_id IS 'Run that loaded it first';
COMMENT ON COLUMN store.article_versions.recorded_at IS 'When it was loaded first';

CREATE TABLE store.blocks (
    version_id VARCHAR NOT NULL,
    block INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    text VARCHAR NOT NULL
);
COMMENT ON TABLE store.blocks IS 'Text of a version, block by block (body only; title and standfirst stand in article_versions); rows go when the text expires';
COMMENT ON COLUMN store.blocks.version_id IS 'Version';
COMMENT ON COLUMN store.blocks.block IS 'Index, 0..';
COMMENT ON COLUMN store.blocks.kind IS 'paragraph, heading or caption';
COMMENT ON COLUMN store.blocks.text IS 'Text';

-- ------------------------------------------------------------------------------------------------ facts of a version

CREATE TABLE store.readings (
    version_id VARCHAR PRIMARY KEY,
    article_id VARCHAR NOT NULL,
    language VARCHAR,
    rules VARCHAR,
    model VARCHAR,
    facts_hash VARCHAR NOT NULL,
    facts INTEGER NOT NULL,
    day DATE NOT NULL,
    run_id VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.readings IS 'How a version was last read: by which rules and model, with which facts';
COMMENT ON COLUMN store.readings.version_id IS 'Version';
COMMENT ON COLUMN store.readings.article_id IS 'Article';
COMMENT ON COLUMN store.readings.language IS 'Language found, ISO 639-1; facts are read from French only';
COMMENT ON COLUMN store.readings.rules IS 'Version of the rules';
COMMENT ON COLUMN store.readings.model IS 'Version of the model';
COMMENT ON COLUMN store.readings.facts_hash IS 'Hash of all facts: the same hash, nothing to replace';
COMMENT ON COLUMN store.readings.facts IS 'Number of facts';
COMMENT ON COLUMN store.readings.day IS 'Logical day for which these facts were loaded first';
COMMENT ON COLUMN store.readings.run_id IS 'Run that loaded these facts first';
COMMENT ON COLUMN store.readings.recorded_at IS 'When these facts were loaded first';

CREATE TABLE store.organisation_mentions (
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    aliases VARCHAR[],
    kind VARCHAR,
    based_in VARCHAR,
    mention VARCHAR,
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    evidence_sentence VARCHAR,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.organisation_mentions IS 'Organisations as an article names them';
COMMENT ON COLUMN store.organisation_mentions.mention_id IS 'Fact id';
COMMENT ON COLUMN store.organisation_mentions.version_id IS 'Version';
COMMENT ON COLUMN store.organisation_mentions.article_id IS 'Article';
COMMENT ON COLUMN store.organisation_mentions.name IS 'Fullest form in the article';
COMMENT ON COLUMN store.organisation_mentions.aliases IS 'Other forms in the article';
COMMENT ON COLUMN store.organisation_mentions.kind IS 'company, public_body, association, research_education or media';
COMMENT ON COLUMN store.organisation_mentions.based_in IS 'Where the article says that it is based';
COMMENT ON COLUMN store.organisation_mentions.mention IS 'main, party or passing';
COMMENT ON COLUMN store.organisation_mentions.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.organisation_mentions.evidence_start IS 'First code point';
COMMENT ON COLUMN store.organisation_mentions.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.organisation_mentions.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN store.organisation_mentions.evidence_sentence IS 'Sentence around them';
COMMENT ON COLUMN store.organisation_mentions.rules IS 'Version of the rules';
COMMENT ON COLUMN store.organisation_mentions.model IS 'Version of the model';

CREATE TABLE store.person_mentions (
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    aliases VARCHAR[],
    roles STRUCT(title VARCHAR, organisation VARCHAR)[],
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    evidence_sentence VARCHAR,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.person_mentions IS 'People as an article names them';
COMMENT ON COLUMN store.person_mentions.mention_id IS 'Fact id';
COMMENT ON COLUMN store.person_mentions.version_id IS 'Version';
COMMENT ON COLUMN store.person_mentions.article_id IS 'Article';
COMMENT ON COLUMN store.person_mentions.name IS 'Fullest form in the article';
COMMENT ON COLUMN store.person_mentions.aliases IS 'Other forms in the article';
COMMENT ON COLUMN store.person_mentions.roles IS 'Title as written and organisation, for each role';
COMMENT ON COLUMN store.person_mentions.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.person_mentions.evidence_start IS 'First code point';
COMMENT ON COLUMN store.person_mentions.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.person_mentions.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN store.person_mentions.evidence_sentence IS 'Sentence around them';
COMMENT ON COLUMN store.person_mentions.rules IS 'Version of the rules';
COMMENT ON COLUMN store.person_mentions.model IS 'Version of the model';

CREATE TABLE store.place_mentions (
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    code VARCHAR,
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    evidence_sentence VARCHAR,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.place_mentions IS 'Places as an article names them';
COMMENT ON COLUMN store.place_mentions.mention_id IS 'Fact id';
COMMENT ON COLUMN store.place_mentions.version_id IS 'Version';
COMMENT ON COLUMN store.place_mentions.article_id IS 'Article';
COMMENT ON COLUMN store.place_mentions.name IS 'Name as written';
COMMENT ON COLUMN store.place_mentions.kind IS 'commune, department, region, country or area';
COMMENT ON COLUMN store.place_mentions.code IS 'INSEE or ISO code; null for an area or where homonyms could not be told apart';
COMMENT ON COLUMN store.place_mentions.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.place_mentions.evidence_start IS 'First code point';
COMMENT ON COLUMN store.place_mentions.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.place_mentions.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN store.place_mentions.evidence_sentence IS 'Sentence around them';
COMMENT ON COLUMN store.place_mentions.rules IS 'Version of the rules';
COMMENT ON COLUMN store.place_mentions.model IS 'Version of the model';

CREATE TABLE store.figure_facts (
    figure_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    low DOUBLE,
    high DOUBLE,
    qualifier VARCHAR,
    unit VARCHAR NOT NULL,
    per VARCHAR,
    "of" VARCHAR,
    subject VARCHAR,
    said_by VARCHAR,
    year INTEGER,
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    evidence_sentence VARCHAR,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.figure_facts IS 'Figures that an article states';
COMMENT ON COLUMN store.figure_facts.figure_id IS 'Fact id';
COMMENT ON COLUMN store.figure_facts.version_id IS 'Version';
COMMENT ON COLUMN store.figure_facts.article_id IS 'Article';
COMMENT ON COLUMN store.figure_facts.measure IS 'What is measured: investment, jobs_created, revenue …';
COMMENT ON COLUMN store.figure_facts.low IS 'Lower end; null: open';
COMMENT ON COLUMN store.figure_facts.high IS 'Upper end; null: open';
COMMENT ON COLUMN store.figure_facts.qualifier IS 'exact, about, at_least, at_most or range';
COMMENT ON COLUMN store.figure_facts.unit IS 'EUR, person, m2, MW, % …, as stated';
COMMENT ON COLUMN store.figure_facts.per IS 'year, month, day, hour or null';
COMMENT ON COLUMN store.figure_facts."of" IS 'What is counted, as written';
COMMENT ON COLUMN store.figure_facts.subject IS 'Whom or what it is about';
COMMENT ON COLUMN store.figure_facts.said_by IS 'Who says so; null: the article itself';
COMMENT ON COLUMN store.figure_facts.year IS 'Year that it is for, if stated';
COMMENT ON COLUMN store.figure_facts.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.figure_facts.evidence_start IS 'First code point';
COMMENT ON COLUMN store.figure_facts.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.figure_facts.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN store.figure_facts.evidence_sentence IS 'Sentence around them';
COMMENT ON COLUMN store.figure_facts.rules IS 'Version of the rules';
COMMENT ON COLUMN store.figure_facts.model IS 'Version of the model';

CREATE TABLE store.project_tellings (
    telling_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    ordinal INTEGER NOT NULL,
    name VARCHAR,
    kind VARCHAR NOT NULL,
    sector VARCHAR,
    status VARCHAR NOT NULL,
    organisations VARCHAR[] NOT NULL,
    places VARCHAR[] NOT NULL,
    figures STRUCT(measure VARCHAR, low DOUBLE, high DOUBLE, unit VARCHAR, qualifier VARCHAR, per VARCHAR,
                   said_by VARCHAR, evidence_block INTEGER, evidence_start INTEGER, evidence_end INTEGER,
                   evidence_text VARCHAR)[] NOT NULL,
    milestones STRUCT(milestone VARCHAR, "from" DATE, "to" DATE, evidence_block INTEGER, evidence_start INTEGER,
                      evidence_end INTEGER, evidence_text VARCHAR)[] NOT NULL,
    said_by VARCHAR,
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    evidence_sentence VARCHAR,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.project_tellings IS 'Projects as one article tells them, before any judgement';
COMMENT ON COLUMN store.project_tellings.telling_id IS 'Fact id';
COMMENT ON COLUMN store.project_tellings.version_id IS 'Version';
COMMENT ON COLUMN store.project_tellings.article_id IS 'Article';
COMMENT ON COLUMN store.project_tellings.ordinal IS 'Order in the article''s facts, 0..';
COMMENT ON COLUMN store.project_tellings.name IS 'Name that it goes by in the article';
COMMENT ON COLUMN store.project_tellings.kind IS 'new_site, expansion, closure …';
COMMENT ON COLUMN store.project_tellings.sector IS 'NAF rev. 2 division';
COMMENT ON COLUMN store.project_tellings.status IS 'considered, negotiating, announced, approved, under_way, completed, delayed or cancelled';
COMMENT ON COLUMN store.project_tellings.organisations IS 'Who carries it, fullest forms; acquirer first, then target';
COMMENT ON COLUMN store.project_tellings.places IS 'Where, as written';
COMMENT ON COLUMN store.project_tellings.figures IS 'Figures of this project';
COMMENT ON COLUMN store.project_tellings.milestones IS 'Dated steps, intervals whose ends may be open';
COMMENT ON COLUMN store.project_tellings.said_by IS 'Who announces it; null: the article itself';
COMMENT ON COLUMN store.project_tellings.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.project_tellings.evidence_start IS 'First code point';
COMMENT ON COLUMN store.project_tellings.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.project_tellings.evidence_text IS 'Clause that announces it';
COMMENT ON COLUMN store.project_tellings.evidence_sentence IS 'Sentence around it';
COMMENT ON COLUMN store.project_tellings.rules IS 'Version of the rules';
COMMENT ON COLUMN store.project_tellings.model IS 'Version of the model';

CREATE TABLE store.quote_facts (
    quote_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    speaker VARCHAR,
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.quote_facts IS 'Words that an article quotes';
COMMENT ON COLUMN store.quote_facts.quote_id IS 'Fact id';
COMMENT ON COLUMN store.quote_facts.version_id IS 'Version';
COMMENT ON COLUMN store.quote_facts.article_id IS 'Article';
COMMENT ON COLUMN store.quote_facts.text IS 'Words without their marks';
COMMENT ON COLUMN store.quote_facts.speaker IS 'Who says them, or null';
COMMENT ON COLUMN store.quote_facts.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.quote_facts.evidence_start IS 'First code point';
COMMENT ON COLUMN store.quote_facts.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.quote_facts.evidence_text IS 'Words as they stand in the article';
COMMENT ON COLUMN store.quote_facts.rules IS 'Version of the rules';
COMMENT ON COLUMN store.quote_facts.model IS 'Version of the model';

CREATE TABLE store.conflict_facts (
    conflict_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    stated DOUBLE,
    computed DOUBLE,
    evidence STRUCT(block INTEGER, "start" INTEGER, "end" INTEGER, "text" VARCHAR)[] NOT NULL,
    rules VARCHAR,
    model VARCHAR
);
COMMENT ON TABLE store.conflict_facts IS 'Figures of one article that contradict each other';
COMMENT ON COLUMN store.conflict_facts.conflict_id IS 'Fact id';
COMMENT ON COLUMN store.conflict_facts.version_id IS 'Version';
COMMENT ON COLUMN store.conflict_facts.article_id IS 'Article';
COMMENT ON COLUMN store.conflict_facts.rule IS 'Sum that was made';
COMMENT ON COLUMN store.conflict_facts.stated IS 'What the article says';
COMMENT ON COLUMN store.conflict_facts.computed IS 'What the others give';
COMMENT ON COLUMN store.conflict_facts.evidence IS 'Words that prove it, all places';
COMMENT ON COLUMN store.conflict_facts.rules IS 'Version of the rules';
COMMENT ON COLUMN store.conflict_facts.model IS 'Version of the model';

-- ------------------------------------------------------------------------------------------------ near-copies

CREATE TABLE store.signatures (
    article_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    source_id VARCHAR,
    published_on DATE NOT NULL,
    words INTEGER NOT NULL,
    hashes UINTEGER[] NOT NULL
);
COMMENT ON TABLE store.signatures IS 'Shingle hashes of each article''s latest version (a sample); they stay when the text expires';
COMMENT ON COLUMN store.signatures.article_id IS 'Article';
COMMENT ON COLUMN store.signatures.version_id IS 'Version';
COMMENT ON COLUMN store.signatures.source_id IS 'Source, for counting its boilerplate';
COMMENT ON COLUMN store.signatures.published_on IS 'Day by which the window is cut';
COMMENT ON COLUMN store.signatures.words IS 'Words of the text';
COMMENT ON COLUMN store.signatures.hashes IS 'Hashes of word shingles';

CREATE TABLE store.boilerplate (
    source_id VARCHAR NOT NULL,
    month DATE NOT NULL,
    hash UINTEGER NOT NULL
);
COMMENT ON TABLE store.boilerplate IS 'Shingles that a source repeats under many articles of a month: they prove no copy';
COMMENT ON COLUMN store.boilerplate.source_id IS 'Source';
COMMENT ON COLUMN store.boilerplate.month IS 'First day of the month';
COMMENT ON COLUMN store.boilerplate.hash IS 'Shingle hash';

CREATE TABLE store.copy_pairs (
    left_id VARCHAR NOT NULL,
    right_id VARCHAR NOT NULL,
    left_in_right DOUBLE NOT NULL,
    right_in_left DOUBLE NOT NULL,
    method VARCHAR NOT NULL,
    rule VARCHAR NOT NULL
);
COMMENT ON TABLE store.copy_pairs IS 'Pairs of articles that tell the same text';
COMMENT ON COLUMN store.copy_pairs.left_id IS 'Article, the smaller id';
COMMENT ON COLUMN store.copy_pairs.right_id IS 'Article, the greater id';
COMMENT ON COLUMN store.copy_pairs.left_in_right IS 'Share of the left article''s shingles that the right one has';
COMMENT ON COLUMN store.copy_pairs.right_in_left IS 'Share of the right article''s shingles that the left one has';
COMMENT ON COLUMN store.copy_pairs.method IS 'exact, text (all shingles compared) or sample (text expired)';
COMMENT ON COLUMN store.copy_pairs.rule IS 'Rule and thresholds, with their version';

CREATE TABLE store.near_copies (
    article_id VARCHAR NOT NULL,
    copy_of VARCHAR NOT NULL,
    similarity DOUBLE NOT NULL,
    relation VARCHAR NOT NULL
);
COMMENT ON TABLE store.near_copies IS 'Articles that are near-copies, and the oldest article of their group; independent sources are counted without them';
COMMENT ON COLUMN store.near_copies.article_id IS 'The near-copy';
COMMENT ON COLUMN store.near_copies.copy_of IS 'Oldest article of its group';
COMMENT ON COLUMN store.near_copies.similarity IS 'Share of the shorter text that the longer one has, 0 to 1';
COMMENT ON COLUMN store.near_copies.relation IS 'copy, teaser or update';

-- ------------------------------------------------------------------------------------------------ entities

CREATE TABLE store.organisations (
    organisation_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    aliases VARCHAR[] NOT NULL,
    kind VARCHAR,
    siren VARCHAR,
    siret VARCHAR,
    sector VARCHAR,
    commune_codes VARCHAR[],
    first_told_at DATE,
    last_told_at DATE,
    merged_into VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.organisations IS 'Organisations as judged the same across articles; the id stays, a merge leaves its row as a tombstone';
COMMENT ON COLUMN store.organisations.organisation_id IS 'Promised id, ''o-…''';
COMMENT ON COLUMN store.organisations.name IS 'Fullest or most used form';
COMMENT ON COLUMN store.organisations.aliases IS 'Other forms';
COMMENT ON COLUMN store.organisations.kind IS 'Most said kind';
COMMENT ON COLUMN store.organisations.siren IS 'Company number, where a Sirene stock was imported and decides';
COMMENT ON COLUMN store.organisations.siret IS 'Establishment number of the site, where the stock allows it';
COMMENT ON COLUMN store.organisations.sector IS 'NAF rev. 2 division, where known';
COMMENT ON COLUMN store.organisations.commune_codes IS 'INSEE codes of where it is based or acts';
COMMENT ON COLUMN store.organisations.first_told_at IS 'Day of the first article that names it';
COMMENT ON COLUMN store.organisations.last_told_at IS 'Day of the last article that names it';
COMMENT ON COLUMN store.organisations.merged_into IS 'Tombstone: the id that it was merged into';
COMMENT ON COLUMN store.organisations.recorded_at IS 'When the id was minted';

CREATE TABLE store.organisation_links (
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    organisation_id VARCHAR NOT NULL
);
COMMENT ON TABLE store.organisation_links IS 'Which organisation a mention names';
COMMENT ON COLUMN store.organisation_links.mention_id IS 'Mention';
COMMENT ON COLUMN store.organisation_links.version_id IS 'Version of the mention';
COMMENT ON COLUMN store.organisation_links.organisation_id IS 'Organisation';

CREATE TABLE store.people (
    person_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    aliases VARCHAR[] NOT NULL,
    roles STRUCT(title VARCHAR, organisation VARCHAR, organisation_id VARCHAR, first_told_at DATE, last_told_at DATE)[] NOT NULL,
    first_told_at DATE,
    last_told_at DATE,
    merged_into VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.people IS 'People as judged the same across articles';
COMMENT ON COLUMN store.people.person_id IS 'Promised id, ''h-…''';
COMMENT ON COLUMN store.people.name IS 'Fullest or most used form';
COMMENT ON COLUMN store.people.aliases IS 'Other forms';
COMMENT ON COLUMN store.people.roles IS 'Roles told, with organisation and the days between which they were told; none for union and court roles';
COMMENT ON COLUMN store.people.first_told_at IS 'Day of the first article that names them';
COMMENT ON COLUMN store.people.last_told_at IS 'Day of the last article that names them';
COMMENT ON COLUMN store.people.merged_into IS 'Tombstone: the id that it was merged into';
COMMENT ON COLUMN store.people.recorded_at IS 'When the id was minted';

CREATE TABLE store.person_links (
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    person_id VARCHAR NOT NULL
);
COMMENT ON TABLE store.person_links IS 'Which person a mention names';
COMMENT ON COLUMN store.person_links.mention_id IS 'Mention';
COMMENT ON COLUMN store.person_links.version_id IS 'Version of the mention';
COMMENT ON COLUMN store.person_links.person_id IS 'Person';

CREATE TABLE store.places (
    place_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    aliases VARCHAR[] NOT NULL,
    kind VARCHAR NOT NULL,
    code VARCHAR,
    merged_into VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.places IS 'Places told of: one row a code, and one a name for areas without a code';
COMMENT ON COLUMN store.places.place_id IS 'Id: ''<kind>-<code>'', or ''area-<hash of the name>''';
COMMENT ON COLUMN store.places.name IS 'Official name, else the form most used';
COMMENT ON COLUMN store.places.aliases IS 'Other forms';
COMMENT ON COLUMN store.places.kind IS 'commune, department, region, country or area';
COMMENT ON COLUMN store.places.code IS 'INSEE or ISO code';
COMMENT ON COLUMN store.places.merged_into IS 'Tombstone: the id that it was merged into';
COMMENT ON COLUMN store.places.recorded_at IS 'When the id was minted';

CREATE TABLE store.place_links (
    mention_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    place_id VARCHAR NOT NULL
);
COMMENT ON TABLE store.place_links IS 'Which place a mention names';
COMMENT ON COLUMN store.place_links.mention_id IS 'Mention';
COMMENT ON COLUMN store.place_links.version_id IS 'Version of the mention';
COMMENT ON COLUMN store.place_links.place_id IS 'Place';

-- ------------------------------------------------------------------------------------------------ judgements, projects

CREATE TABLE store.judgements (
    judgement_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    left_id VARCHAR NOT NULL,
    right_id VARCHAR NOT NULL,
    decision VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    score DOUBLE,
    evidence JSON,
    decided_by VARCHAR NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    superseded_by VARCHAR,
    superseded_at TIMESTAMPTZ
);
COMMENT ON TABLE store.judgements IS 'Which two were found the same or not, by whom or by which rule; rows are superseded, never edited';
COMMENT ON COLUMN store.judgements.judgement_id IS 'Id of the judgement';
COMMENT ON COLUMN store.judgements.kind IS 'What is judged: project (tellings or projects), organisation, person, place';
COMMENT ON COLUMN store.judgements.left_id IS 'One of the two: the smaller id';
COMMENT ON COLUMN store.judgements.right_id IS 'The other of the two';
COMMENT ON COLUMN store.judgements.decision IS 'same, different or maybe_same';
COMMENT ON COLUMN store.judgements.rule IS 'Rule with its version, or ''analyst''';
COMMENT ON COLUMN store.judgements.score IS 'Score that the rule gave, 0 to 1';
COMMENT ON COLUMN store.judgements.evidence IS 'What was compared: names, figures, places, cosine, articles; for an analyst also what identifies the two beyond their ids, so that it applies again after re-reading';
COMMENT ON COLUMN store.judgements.decided_by IS 'rule, or the analyst''s name';
COMMENT ON COLUMN store.judgements.recorded_at IS 'When it was decided';
COMMENT ON COLUMN store.judgements.superseded_by IS 'Judgement that replaced this one';
COMMENT ON COLUMN store.judgements.superseded_at IS 'When it was replaced';

CREATE TABLE store.projects (
    project_id VARCHAR PRIMARY KEY,
    minted_from VARCHAR NOT NULL,
    minted_on DATE NOT NULL,
    merged_into VARCHAR,
    merged_at TIMESTAMPTZ,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.projects IS 'Every project id ever minted; a merged one stays as a tombstone and never comes back';
COMMENT ON COLUMN store.projects.project_id IS 'Promised id, ''p-…''';
COMMENT ON COLUMN store.projects.minted_from IS 'Telling (fact id) that it was minted from';
COMMENT ON COLUMN store.projects.minted_on IS 'Logical day of minting';
COMMENT ON COLUMN store.projects.merged_into IS 'Tombstone: the project that it was merged into';
COMMENT ON COLUMN store.projects.merged_at IS 'When it was merged';
COMMENT ON COLUMN store.projects.recorded_at IS 'When it was minted';

CREATE TABLE store.project_reports (
    telling_id VARCHAR NOT NULL,
    version_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    project_id VARCHAR NOT NULL,
    judgement_id VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.project_reports IS 'Which project a telling tells of';
COMMENT ON COLUMN store.project_reports.telling_id IS 'Telling';
COMMENT ON COLUMN store.project_reports.version_id IS 'Version';
COMMENT ON COLUMN store.project_reports.article_id IS 'Article';
COMMENT ON COLUMN store.project_reports.project_id IS 'Project';
COMMENT ON COLUMN store.project_reports.judgement_id IS 'Judgement that tied it; null where the telling opened the project';
COMMENT ON COLUMN store.project_reports.recorded_at IS 'When it was tied';

CREATE TABLE store.history_steps (
    step_id VARCHAR PRIMARY KEY,
    project_id VARCHAR NOT NULL,
    "at" DATE NOT NULL,
    field VARCHAR NOT NULL,
    before VARCHAR,
    after VARCHAR,
    said_by VARCHAR,
    side VARCHAR,
    article_id VARCHAR NOT NULL,
    telling_id VARCHAR,
    evidence_block INTEGER,
    evidence_start INTEGER,
    evidence_end INTEGER,
    evidence_text VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ
);
COMMENT ON TABLE store.history_steps IS 'What changed in a project, when, according to whom; a step that no longer follows from the reports is withdrawn, not deleted';
COMMENT ON COLUMN store.history_steps.step_id IS 'Promised id, ''s-…''';
COMMENT ON COLUMN store.history_steps.project_id IS 'Project';
COMMENT ON COLUMN store.history_steps."at" IS 'Day of the article that tells it';
COMMENT ON COLUMN store.history_steps.field IS 'What changed: told, status, investment_eur, jobs_created, jobs_cut, milestone, carrier …';
COMMENT ON COLUMN store.history_steps.before IS 'Value before, as text';
COMMENT ON COLUMN store.history_steps.after IS 'Value after, as text';
COMMENT ON COLUMN store.history_steps.said_by IS 'Who says so; null: the article itself';
COMMENT ON COLUMN store.history_steps.side IS 'Side of who says so: carrier, state, union, other';
COMMENT ON COLUMN store.history_steps.article_id IS 'Article';
COMMENT ON COLUMN store.history_steps.telling_id IS 'Telling';
COMMENT ON COLUMN store.history_steps.evidence_block IS 'Block of the evidence';
COMMENT ON COLUMN store.history_steps.evidence_start IS 'First code point';
COMMENT ON COLUMN store.history_steps.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN store.history_steps.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN store.history_steps.recorded_at IS 'When the warehouse learned it';
COMMENT ON COLUMN store.history_steps.withdrawn_at IS 'When it was withdrawn (erratum)';

CREATE TABLE store.project_states (
    project_id VARCHAR NOT NULL,
    name VARCHAR,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    sector VARCHAR,
    organisations VARCHAR[] NOT NULL,
    organisation_ids VARCHAR[] NOT NULL,
    places VARCHAR[] NOT NULL,
    commune_codes VARCHAR[] NOT NULL,
    department_codes VARCHAR[] NOT NULL,
    region_codes VARCHAR[] NOT NULL,
    investment_eur_low DOUBLE,
    investment_eur_high DOUBLE,
    jobs_created_low DOUBLE,
    jobs_created_high DOUBLE,
    jobs_cut_low DOUBLE,
    jobs_cut_high DOUBLE,
    figures STRUCT(measure VARCHAR, low DOUBLE, high DOUBLE, unit VARCHAR, qualifier VARCHAR, per VARCHAR,
                   said_by VARCHAR, article_id VARCHAR, evidence_text VARCHAR)[] NOT NULL,
    milestones STRUCT(milestone VARCHAR, "from" DATE, "to" DATE, article_id VARCHAR, evidence_text VARCHAR)[] NOT NULL,
    first_told_at DATE NOT NULL,
    last_told_at DATE NOT NULL,
    first_told_by VARCHAR,
    sources INTEGER NOT NULL,
    reports INTEGER NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    superseded_at TIMESTAMPTZ
);
COMMENT ON TABLE store.project_states IS 'State of a project as the warehouse knew it from recorded_at until superseded_at (null: now); rows are closed, never edited';
COMMENT ON COLUMN store.project_states.project_id IS 'Project';
COMMENT ON COLUMN store.project_states.name IS 'Name that it goes by';
COMMENT ON COLUMN store.project_states.kind IS 'new_site, expansion, closure …';
COMMENT ON COLUMN store.project_states.status IS 'Latest status by the stated rules';
COMMENT ON COLUMN store.project_states.sector IS 'NAF rev. 2 division';
COMMENT ON COLUMN store.project_states.organisations IS 'Names of those who carry it';
COMMENT ON COLUMN store.project_states.organisation_ids IS 'Their ids, in the same order where known';
COMMENT ON COLUMN store.project_states.places IS 'Where, as written';
COMMENT ON COLUMN store.project_states.commune_codes IS 'INSEE codes of its communes';
COMMENT ON COLUMN store.project_states.department_codes IS 'INSEE codes of its departments';
COMMENT ON COLUMN store.project_states.region_codes IS 'INSEE codes of its regions';
COMMENT ON COLUMN store.project_states.investment_eur_low IS 'Investment, lower end, euros';
COMMENT ON COLUMN store.project_states.investment_eur_high IS 'Investment, upper end, euros';
COMMENT ON COLUMN store.project_states.jobs_created_low IS 'Jobs created, lower end';
COMMENT ON COLUMN store.project_states.jobs_created_high IS 'Jobs created, upper end';
COMMENT ON COLUMN store.project_states.jobs_cut_low IS 'Jobs cut, lower end';
COMMENT ON COLUMN store.project_states.jobs_cut_high IS 'Jobs cut, upper end';
COMMENT ON COLUMN store.project_states.figures IS 'Latest figures of every measure, with speaker and article';
COMMENT ON COLUMN store.project_states.milestones IS 'Latest milestones, with article';
COMMENT ON COLUMN store.project_states.first_told_at IS 'Day of its first report';
COMMENT ON COLUMN store.project_states.last_told_at IS 'Day of its last report';
COMMENT ON COLUMN store.project_states.first_told_by IS 'Source of its first report';
COMMENT ON COLUMN store.project_states.sources IS 'Independent sources: near-copies count once';
COMMENT ON COLUMN store.project_states.reports IS 'Reports';
COMMENT ON COLUMN store.project_states.recorded_at IS 'From when the warehouse knew it so';
COMMENT ON COLUMN store.project_states.superseded_at IS 'Until when; null: it still does';

CREATE TABLE store.project_conflicts (
    conflict_id VARCHAR NOT NULL,
    project_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    measure VARCHAR,
    stated DOUBLE,
    computed DOUBLE,
    said_by VARCHAR,
    other_said_by VARCHAR,
    article_id VARCHAR,
    other_article_id VARCHAR,
    evidence_text VARCHAR,
    other_evidence_text VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.project_conflicts IS 'Claims about one project that differ between sides or sources';
COMMENT ON COLUMN store.project_conflicts.conflict_id IS 'Id';
COMMENT ON COLUMN store.project_conflicts.project_id IS 'Project';
COMMENT ON COLUMN store.project_conflicts.rule IS 'sides (carrier, State, union) or sources';
COMMENT ON COLUMN store.project_conflicts.measure IS 'What they differ on';
COMMENT ON COLUMN store.project_conflicts.stated IS 'Value of the one';
COMMENT ON COLUMN store.project_conflicts.computed IS 'Value of the other';
COMMENT ON COLUMN store.project_conflicts.said_by IS 'Who says the one';
COMMENT ON COLUMN store.project_conflicts.other_said_by IS 'Who says the other';
COMMENT ON COLUMN store.project_conflicts.article_id IS 'Article of the one';
COMMENT ON COLUMN store.project_conflicts.other_article_id IS 'Article of the other';
COMMENT ON COLUMN store.project_conflicts.evidence_text IS 'Words of the one';
COMMENT ON COLUMN store.project_conflicts.other_evidence_text IS 'Words of the other';
COMMENT ON COLUMN store.project_conflicts.recorded_at IS 'When it was found';

CREATE TABLE store.tie_queue (
    version_id VARCHAR PRIMARY KEY,
    article_id VARCHAR NOT NULL
);
COMMENT ON TABLE store.tie_queue IS 'Versions whose facts changed since the last tying: written with the facts, emptied by tie() in its own transaction';
COMMENT ON COLUMN store.tie_queue.version_id IS 'Version';
COMMENT ON COLUMN store.tie_queue.article_id IS 'Article';

CREATE TABLE store.embeddings (
    owner_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    vector FLOAT[] NOT NULL
);
COMMENT ON TABLE store.embeddings IS 'Vectors made once by an encoder, kept by model';
COMMENT ON COLUMN store.embeddings.owner_id IS 'Article (article_id) or telling (telling_id)';
COMMENT ON COLUMN store.embeddings.model IS 'Name of the encoder';
COMMENT ON COLUMN store.embeddings.text_hash IS 'Hash of the text that was encoded';
COMMENT ON COLUMN store.embeddings.vector IS 'Vector';

-- ------------------------------------------------------------------------------------------------ running the house

CREATE TABLE store.runs (
    run_id VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    day DATE,
    state VARCHAR NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    counts JSON,
    message VARCHAR,
    PRIMARY KEY (run_id, stage)
);
COMMENT ON TABLE store.runs IS 'What ran';
COMMENT ON COLUMN store.runs.run_id IS 'Run';
COMMENT ON COLUMN store.runs.stage IS 'crawl, read, load, tie, check, publish, digest …';
COMMENT ON COLUMN store.runs.day IS 'Logical day';
COMMENT ON COLUMN store.runs.state IS 'running, completed or failed';
COMMENT ON COLUMN store.runs.started_at IS 'Start';
COMMENT ON COLUMN store.runs.finished_at IS 'End';
COMMENT ON COLUMN store.runs.counts IS 'What it counted';
COMMENT ON COLUMN store.runs.message IS 'What went wrong, or a remark';

CREATE TABLE store.issues (
    issue_id VARCHAR PRIMARY KEY,
    day DATE,
    run_id VARCHAR,
    stage VARCHAR NOT NULL,
    source_id VARCHAR,
    severity VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    url VARCHAR,
    message VARCHAR NOT NULL,
    detail JSON,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.issues IS 'What was refused or looked wrong, and why';
COMMENT ON COLUMN store.issues.issue_id IS 'Hash of day, stage, source, code, address and message: the same issue once a day';
COMMENT ON COLUMN store.issues.day IS 'Logical day';
COMMENT ON COLUMN store.issues.run_id IS 'Run that found it first';
COMMENT ON COLUMN store.issues.stage IS 'Stage that found it';
COMMENT ON COLUMN store.issues.source_id IS 'Source';
COMMENT ON COLUMN store.issues.severity IS 'info, warn or error';
COMMENT ON COLUMN store.issues.code IS 'Short name of the kind of issue';
COMMENT ON COLUMN store.issues.url IS 'Address or id of what was refused';
COMMENT ON COLUMN store.issues.message IS 'Why';
COMMENT ON COLUMN store.issues.detail IS 'The refused value and more';
COMMENT ON COLUMN store.issues.recorded_at IS 'When it was found first';

CREATE TABLE store.outbox (
    message_id VARCHAR PRIMARY KEY,
    subscriber VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    day DATE NOT NULL,
    subject VARCHAR NOT NULL,
    message BLOB NOT NULL,
    state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMPTZ,
    last_reply VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ
);
COMMENT ON TABLE store.outbox IS 'Mails to send and sent: written before sending, so that a crash loses and doubles none';
COMMENT ON COLUMN store.outbox.message_id IS 'Message-ID, stable for subscriber, kind and day';
COMMENT ON COLUMN store.outbox.subscriber IS 'Subscriber';
COMMENT ON COLUMN store.outbox.kind IS 'daily, weekly, instant, erratum …';
COMMENT ON COLUMN store.outbox.day IS 'Logical day';
COMMENT ON COLUMN store.outbox.subject IS 'Subject line';
COMMENT ON COLUMN store.outbox.message IS 'The whole message as it goes out';
COMMENT ON COLUMN store.outbox.state IS 'waiting, sent, refused (5xx) or given_up';
COMMENT ON COLUMN store.outbox.attempts IS 'Attempts so far';
COMMENT ON COLUMN store.outbox.next_attempt_at IS 'Not before';
COMMENT ON COLUMN store.outbox.last_reply IS 'Last reply of the server';
COMMENT ON COLUMN store.outbox.created_at IS 'When it was written';
COMMENT ON COLUMN store.outbox.sent_at IS 'When the server took it';

CREATE TABLE store.deliveries (
    step_id VARCHAR NOT NULL,
    project_id VARCHAR NOT NULL,
    subscriber VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    PRIMARY KEY (step_id, project_id, subscriber)
);
COMMENT ON TABLE store.deliveries IS 'Which step of which project went to which subscriber, in which mail: never twice';
COMMENT ON COLUMN store.deliveries.step_id IS 'Step of the project''s history';
COMMENT ON COLUMN store.deliveries.project_id IS 'Project';
COMMENT ON COLUMN store.deliveries.subscriber IS 'Subscriber';
COMMENT ON COLUMN store.deliveries.message_id IS 'Mail; its state stands in store.outbox';

CREATE TABLE store.forgotten (
    name_hash VARCHAR PRIMARY KEY,
    recorded_at TIMESTAMPTZ NOT NULL,
    requested_by VARCHAR
);
COMMENT ON TABLE store.forgotten IS 'People who asked to be forgotten, as keyed hashes of their names: they are kept out of every later load';
COMMENT ON COLUMN store.forgotten.name_hash IS 'HMAC-SHA256 of the normalised name; the key stands outside the warehouse';
COMMENT ON COLUMN store.forgotten.recorded_at IS 'When they were forgotten';
COMMENT ON COLUMN store.forgotten.requested_by IS 'Who asked for it (a reference, not a name)';

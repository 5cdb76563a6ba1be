CREATE VIEW figures AS
SELECT f.figure_id, a.url AS article_url, f.measure, f.low, f.high, f.qualifier, f.unit, f.per, f."of", f.subject,
       f.said_by, f.year, f.evidence_text, f.evidence_sentence, f.article_id, a.published_on, a.source_id,
       f.evidence_block, f.evidence_start, f.evidence_end, f.rules, f.model
FROM store.figure_facts f JOIN store.articles a ON a.latest_version_id = f.version_id;
COMMENT ON VIEW figures IS 'Figures that the articles state (latest versions), each with its words and its speaker';
COMMENT ON COLUMN figures.figure_id IS 'Fact id';
COMMENT ON COLUMN figures.article_url IS 'Article';
COMMENT ON COLUMN figures.measure IS 'investment, funding_round, grant, deal_value, revenue, amount, jobs_created, jobs_cut, jobs_saved, workforce, area, power, energy, output, share, growth or count';
COMMENT ON COLUMN figures.low IS 'Lower end; null: open (''jusqu''à'')';
COMMENT ON COLUMN figures.high IS 'Upper end; null: open (''plus de'')';
COMMENT ON COLUMN figures.qualifier IS 'exact, about, at_least, at_most or range';
COMMENT ON COLUMN figures.unit IS 'EUR, USD, GBP, CHF, person, m2, ha, m3, km, MW, GW, MWh, GWh, t, kt, l, % or unit; as stated, never converted';
COMMENT ON COLUMN figures.per IS 'year, month, day, hour or null';
COMMENT ON COLUMN figures."of" IS 'What is counted, as written';
COMMENT ON COLUMN figures.subject IS 'Organisation, project or place that it is about';
COMMENT ON COLUMN figures.said_by IS 'Who says so; null: the article itself';
COMMENT ON COLUMN figures.year IS 'Year that it is for, if stated';
COMMENT ON COLUMN figures.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN figures.evidence_sentence IS 'Sentence around them';
COMMENT ON COLUMN figures.article_id IS 'Article, its key';
COMMENT ON COLUMN figures.published_on IS 'Day of the article';
COMMENT ON COLUMN figures.source_id IS 'Source of the article';
COMMENT ON COLUMN figures.evidence_block IS 'Block of the evidence: -2 title, -1 standfirst, 0.. body';
COMMENT ON COLUMN figures.evidence_start IS 'First code point';
COMMENT ON COLUMN figures.evidence_end IS 'Code point after the last';
COMMENT ON COLUMN figures.rules IS 'Version of the rules that found it';
COMMENT ON COLUMN figures.model IS 'Version of the model that found it';

CREATE VIEW quotes AS
SELECT a.url AS article_url, q.text, q.speaker, q.quote_id, q.article_id, a.published_on, a.source_id
FROM store.quote_facts q JOIN store.articles a ON a.latest_version_id = q.version_id;
COMMENT ON VIEW quotes IS 'Who said what (latest versions)';
COMMENT ON COLUMN quotes.article_url IS 'Article';
COMMENT ON COLUMN quotes.text IS 'Words without their marks';
COMMENT ON COLUMN quotes.speaker IS 'Person or organisation, or null';
COMMENT ON COLUMN quotes.quote_id IS 'Fact id';
COMMENT ON COLUMN quotes.article_id IS 'Article, its key';
COMMENT ON COLUMN quotes.published_on IS 'Day of the article';
COMMENT ON COLUMN quotes.source_id IS 'Source of the article';

CREATE VIEW organisations AS
WITH told AS (
    SELECT l.organisation_id, count(DISTINCT m.article_id) AS articles, max(m.mention = 'main') AS is_main
    FROM store.organisation_links l
    JOIN store.organisation_mentions m USING (mention_id)
    JOIN store.articles a ON a.latest_version_id = m.version_id
    GROUP BY ALL)
SELECT o.organisation_id AS id, o.name, o.aliases, o.kind, o.siren, o.siret, o.sector, o.commune_codes,
       coalesce(t.articles, 0) AS articles, coalesce(t.is_main, false) AS is_main, o.first_told_at, o.last_told_at
FROM store.organisations o LEFT JOIN told t USING (organisation_id)
WHERE o.merged_into IS NULL;
COMMENT ON VIEW organisations IS 'Organisations: a row each, recognised across articles';
COMMENT ON COLUMN organisations.id IS 'Promised id';
COMMENT ON COLUMN organisations.name IS 'Name';
COMMENT ON COLUMN organisations.aliases IS 'Other forms of the name';
COMMENT ON COLUMN organisations.kind IS 'company, public_body, association, research_education or media';
COMMENT ON COLUMN organisations.siren IS 'Company number, where a Sirene stock was imported and decides; else null';
COMMENT ON COLUMN organisations.siret IS 'Establishment number of the site, where the stock allows it';
COMMENT ON COLUMN organisations.sector IS 'NAF rev. 2 division, where known';
COMMENT ON COLUMN organisations.commune_codes IS 'INSEE codes of where it is based or acts';
COMMENT ON COLUMN organisations.articles IS 'Articles that name it';
COMMENT ON COLUMN organisations.is_main IS 'Whether any article is about it';
COMMENT ON COLUMN organisations.first_told_at IS 'Day of the first article that names it';
COMMENT ON COLUMN organisations.last_told_at IS 'Day of the last article that names it';

CREATE VIEW people AS
SELECT p.person_id AS id, p.name, p.aliases, 'person' AS kind, p.roles, p.first_told_at, p.last_told_at
FROM store.people p WHERE p.merged_into IS NULL;
COMMENT ON VIEW people IS 'People: a row each, with the roles that articles give them';
COMMENT ON COLUMN people.id IS 'Promised id';
COMMENT ON COLUMN people.name IS 'Name';
COMMENT ON COLUMN people.aliases IS 'Other forms of the name';
COMMENT ON COLUMN people.kind IS 'person';
COMMENT ON COLUMN people.roles IS 'Roles told: title, organisation, first and last day';
COMMENT ON COLUMN people.first_told_at IS 'Day of the first article that names them';
COMMENT ON COLUMN people.last_told_at IS 'Day of the last article that names them';

CREATE VIEW places AS
SELECT p.place_id AS id, p.name, p.aliases, p.kind, p.code,
       c.department_code, c.region_code, c.epci_code, c.population
FROM store.places p LEFT JOIN store.codes c ON c.level = p.kind AND c.code = p.code
WHERE p.merged_into IS NULL;
COMMENT ON VIEW places IS 'Places told of: a row a code, and one a name where there is no code';
COMMENT ON COLUMN places.id IS 'Id';
COMMENT ON COLUMN places.name IS 'Name';
COMMENT ON COLUMN places.aliases IS 'Other forms of the name';
COMMENT ON COLUMN places.kind IS 'commune, department, region, country or area';
COMMENT ON COLUMN places.code IS 'INSEE code, ISO 3166-1 of a country; null for an area';
COMMENT ON COLUMN places.department_code IS 'Department that it lies in';
COMMENT ON COLUMN places.region_code IS 'Region that it lies in';
COMMENT ON COLUMN places.epci_code IS 'Intercommunal body that it belongs to (SIREN)';
COMMENT ON COLUMN places.population IS 'Inhabitants';

CREATE VIEW article_organisations AS
SELECT a.url AS article_url, m.article_id, l.organisation_id, m.name, m.kind, m.mention, m.based_in, m.evidence_text,
       m.evidence_sentence, a.published_on
FROM store.organisation_mentions m
JOIN store.articles a ON a.latest_version_id = m.version_id
LEFT JOIN store.organisation_links l USING (mention_id);
COMMENT ON VIEW article_organisations IS 'Which article names which organisation (latest versions)';
COMMENT ON COLUMN article_organisations.article_url IS 'Article';
COMMENT ON COLUMN article_organisations.article_id IS 'Article, its key';
COMMENT ON COLUMN article_organisations.organisation_id IS 'Organisation, as in organisations.id';
COMMENT ON COLUMN article_organisations.name IS 'Fullest form in the article';
COMMENT ON COLUMN article_organisations.kind IS 'company, public_body, association, research_education or media';
COMMENT ON COLUMN article_organisations.mention IS 'main, party or passing';
COMMENT ON COLUMN article_organisations.based_in IS 'Where the article says that it is based';
COMMENT ON COLUMN article_organisations.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN article_organisations.evidence_sentence IS 'Sentence around them';
COMMENT ON COLUMN article_organisations.published_on IS 'Day of the article';

CREATE VIEW article_people AS
SELECT a.url AS article_url, m.article_id, l.person_id, m.name, m.roles, m.evidence_text, a.published_on
FROM store.person_mentions m
JOIN store.articles a ON a.latest_version_id = m.version_id
LEFT JOIN store.person_links l USING (mention_id);
COMMENT ON VIEW article_people IS 'Which article names which person (latest versions)';
COMMENT ON COLUMN article_people.article_url IS 'Article';
COMMENT ON COLUMN article_people.article_id IS 'Article, its key';
COMMENT ON COLUMN article_people.person_id IS 'Person, as in people.id';
COMMENT ON COLUMN article_people.name IS 'Fullest form in the article';
COMMENT ON COLUMN article_people.roles IS 'Roles that the article gives';
COMMENT ON COLUMN article_people.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN article_people.published_on IS 'Day of the article';

CREATE VIEW article_places AS
SELECT a.url AS article_url, m.article_id, l.place_id, m.name, m.kind, m.code, c.department_code, c.region_code,
       m.evidence_text, a.published_on
FROM store.place_mentions m
JOIN store.articles a ON a.latest_version_id = m.version_id
LEFT JOIN store.place_links l USING (mention_id)
LEFT JOIN store.codes c ON c.level = m.kind AND c.code = m.code;
COMMENT ON VIEW article_places IS 'Which article names which place (latest versions)';
COMMENT ON COLUMN article_places.article_url IS 'Article';
COMMENT ON COLUMN article_places.article_id IS 'Article, its key';
COMMENT ON COLUMN article_places.place_id IS 'Place, as in places.id';
COMMENT ON COLUMN article_places.name IS 'Name as written';
COMMENT ON COLUMN article_places.kind IS 'commune, department, region, country or area';
COMMENT ON COLUMN article_places.code IS 'INSEE or ISO code';
COMMENT ON COLUMN article_places.department_code IS 'Department that it lies in';
COMMENT ON COLUMN article_places.region_code IS 'Region that it lies in';
COMMENT ON COLUMN article_places.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN article_places.published_on IS 'Day of the article';

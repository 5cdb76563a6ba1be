CREATE VIEW projects AS
SELECT p.project_id, s.name, s.kind, s.status, s.sector, s.organisations, s.places, s.commune_codes,
       s.department_codes, s.region_codes, s.investment_eur_low, s.investment_eur_high, s.jobs_created_low,
       s.jobs_created_high, s.jobs_cut_low, s.jobs_cut_high, s.first_told_at, s.last_told_at, s.first_told_by,
       s.sources, s.reports, s.organisation_ids, s.figures, s.milestones, s.recorded_at
FROM store.projects p
JOIN store.project_states s ON s.project_id = p.project_id AND s.superseded_at IS NULL
WHERE p.merged_into IS NULL;
COMMENT ON VIEW projects IS 'Projects: a row each, however often it is told, with its latest values';
COMMENT ON COLUMN projects.project_id IS 'Promised id: it stays when the project is told again';
COMMENT ON COLUMN projects.name IS 'Name that it goes by, or null';
COMMENT ON COLUMN projects.kind IS 'new_site, expansion, relocation, closure, restructuring, insolvency, acquisition, funding_round, recruitment, partnership, infrastructure or programme';
COMMENT ON COLUMN projects.status IS 'considered, negotiating, announced, approved, under_way, completed, delayed or cancelled';
COMMENT ON COLUMN projects.sector IS 'NAF rev. 2 division';
COMMENT ON COLUMN projects.organisations IS 'Who carries it; the acquirer first, then the target';
COMMENT ON COLUMN projects.places IS 'Where, as written';
COMMENT ON COLUMN projects.commune_codes IS 'INSEE codes of its communes';
COMMENT ON COLUMN projects.department_codes IS 'INSEE codes of its departments';
COMMENT ON COLUMN projects.region_codes IS 'INSEE codes of its regions';
COMMENT ON COLUMN projects.investment_eur_low IS 'Investment, lower end, euros (other currencies stay in figures)';
COMMENT ON COLUMN projects.investment_eur_high IS 'Investment, upper end, euros';
COMMENT ON COLUMN projects.jobs_created_low IS 'Jobs created, lower end';
COMMENT ON COLUMN projects.jobs_created_high IS 'Jobs created, upper end';
COMMENT ON COLUMN projects.jobs_cut_low IS 'Jobs cut, lower end';
COMMENT ON COLUMN projects.jobs_cut_high IS 'Jobs cut, upper end';
COMMENT ON COLUMN projects.first_told_at IS 'Day of its first report';
COMMENT ON COLUMN projects.last_told_at IS 'Day of its last report';
COMMENT ON COLUMN projects.first_told_by IS 'Source of its first report';
COMMENT ON COLUMN projects.sources IS 'Independent sources: copies and reprints of one text count once';
COMMENT ON COLUMN projects.reports IS 'Articles that tell of it';
COMMENT ON COLUMN projects.organisation_ids IS 'Organisations, as in organisations.id';
COMMENT ON COLUMN projects.figures IS 'Latest figure of every measure, with speaker, article and words';
COMMENT ON COLUMN projects.milestones IS 'Latest milestones';
COMMENT ON COLUMN projects.recorded_at IS 'Since when the warehouse knows it so';

CREATE VIEW project_reports AS
SELECT r.project_id, r.article_id, a.url AS article_url, v.published_at, t.kind, t.status, t.figures, t.milestones,
       t.evidence_text, t.name, t.sector, t.organisations, t.places, t.said_by, t.evidence_sentence, v.title,
       a.source_id, v.published_on, v.access, n.copy_of, r.relation, r.telling_id, r.judgement_id, t.rules,
       t.model
FROM store.project_reports r
JOIN store.project_tellings t USING (telling_id)
JOIN store.article_versions v ON v.version_id = t.version_id
JOIN store.articles a ON a.article_id = r.article_id
LEFT JOIN store.near_copies n ON n.article_id = r.article_id
QUALIFY row_number() OVER (PARTITION BY r.project_id, r.article_id ORDER BY v.last_day DESC, v.seen_at DESC, t.ordinal) = 1;
COMMENT ON VIEW project_reports IS 'One article''s telling of a project';
COMMENT ON COLUMN project_reports.project_id IS 'Project';
COMMENT ON COLUMN project_reports.article_id IS 'Article';
COMMENT ON COLUMN project_reports.article_url IS 'Its address';
COMMENT ON COLUMN project_reports.published_at IS 'When it was published';
COMMENT ON COLUMN project_reports.kind IS 'Kind of project as this article tells it';
COMMENT ON COLUMN project_reports.status IS 'Status as this article tells it';
COMMENT ON COLUMN project_reports.figures IS 'Figures that it gives: measure, low, high, unit, qualifier, per, said_by, evidence';
COMMENT ON COLUMN project_reports.milestones IS 'Milestones that it gives: milestone, from, to, evidence';
COMMENT ON COLUMN project_reports.evidence_text IS 'Clause that announces it';
COMMENT ON COLUMN project_reports.name IS 'Name of the project in this article';
COMMENT ON COLUMN project_reports.sector IS 'NAF rev. 2 division';
COMMENT ON COLUMN project_reports.organisations IS 'Who carries it according to this article';
COMMENT ON COLUMN project_reports.places IS 'Where, as written';
COMMENT ON COLUMN project_reports.said_by IS 'Who announces it; null: the article itself';
COMMENT ON COLUMN project_reports.evidence_sentence IS 'Sentence around the clause';
COMMENT ON COLUMN project_reports.title IS 'Title of the article';
COMMENT ON COLUMN project_reports.source_id IS 'Source of the article';
COMMENT ON COLUMN project_reports.published_on IS 'Day of the article';
COMMENT ON COLUMN project_reports.access IS 'full or teaser; null: unknown';
COMMENT ON COLUMN project_reports.copy_of IS 'Where the article is a near-copy: the oldest of its group';
COMMENT ON COLUMN project_reports.relation IS 'told: the article tells the project itself; outcome: it tells what became of it (the takeover of an insolvent company)';
COMMENT ON COLUMN project_reports.telling_id IS 'Fact id of the telling';
COMMENT ON COLUMN project_reports.judgement_id IS 'Judgement that tied it; null where it opened the project';
COMMENT ON COLUMN project_reports.rules IS 'Version of the rules that read it';
COMMENT ON COLUMN project_reports.model IS 'Version of the model that read it';

CREATE VIEW project_history AS
SELECT h.project_id, h.step_id, h."at", h.recorded_at, h.field, h.before, h.after, h.said_by, a.url AS article_url,
       h.evidence_text, h.side, h.article_id
FROM store.history_steps h
JOIN store.articles a USING (article_id)
WHERE h.withdrawn_at IS NULL;
COMMENT ON VIEW project_history IS 'What changed in a project, when, according to whom';
COMMENT ON COLUMN project_history.project_id IS 'Project';
COMMENT ON COLUMN project_history.step_id IS 'Promised id of the step';
COMMENT ON COLUMN project_history."at" IS 'Day of the article that tells it';
COMMENT ON COLUMN project_history.recorded_at IS 'When the warehouse learned it';
COMMENT ON COLUMN project_history.field IS 'What changed';
COMMENT ON COLUMN project_history.before IS 'Value before; null: none was told';
COMMENT ON COLUMN project_history.after IS 'Value after';
COMMENT ON COLUMN project_history.said_by IS 'Who says so; null: the article itself';
COMMENT ON COLUMN project_history.article_url IS 'Article';
COMMENT ON COLUMN project_history.evidence_text IS 'Words that prove it';
COMMENT ON COLUMN project_history.side IS 'Side of who says so: carrier, state, union, other';
COMMENT ON COLUMN project_history.article_id IS 'Article, its key';

-- The day on which the warehouse stands: the last logical day that was loaded, never the clock.
CREATE VIEW today AS SELECT max(last_day) AS day FROM store.article_versions;
COMMENT ON VIEW today IS 'The last logical day loaded: what overdue_promises and agenda count from';
COMMENT ON COLUMN today.day IS 'Day';

CREATE OR REPLACE MACRO overdue_promises_on(asked) AS TABLE
SELECT p.project_id, m.milestone, m."to" AS due, date_diff('day', m."to", asked::DATE)::INTEGER AS days_overdue,
       p.last_told_at, p.name, p.kind, p.status, p.organisations, p.places, p.department_codes, p.region_codes,
       m.article_id, m.evidence_text
FROM (SELECT *, unnest(milestones) AS m FROM projects) p
WHERE m."to" < asked::DATE AND p.last_told_at <= m."to" AND m.milestone <> 'announcement'
  AND p.status NOT IN ('completed', 'cancelled');

COMMENT ON MACRO TABLE overdue_promises_on IS 'overdue_promises as on another day';

CREATE VIEW overdue_promises AS SELECT * FROM overdue_promises_on((SELECT day FROM today));
COMMENT ON VIEW overdue_promises IS 'Milestones past, with nothing told since: a silence, not a delay';
COMMENT ON COLUMN overdue_promises.project_id IS 'Project';
COMMENT ON COLUMN overdue_promises.milestone IS 'What was promised: start, completion, opening, decision …';
COMMENT ON COLUMN overdue_promises.due IS 'Last day of the promise';
COMMENT ON COLUMN overdue_promises.days_overdue IS 'Days since then';
COMMENT ON COLUMN overdue_promises.last_told_at IS 'Day of the project''s last report';
COMMENT ON COLUMN overdue_promises.name IS 'Name of the project';
COMMENT ON COLUMN overdue_promises.kind IS 'Kind of project';
COMMENT ON COLUMN overdue_promises.status IS 'Last status told';
COMMENT ON COLUMN overdue_promises.organisations IS 'Who carries it';
COMMENT ON COLUMN overdue_promises.places IS 'Where';
COMMENT ON COLUMN overdue_promises.department_codes IS 'INSEE codes of its departments';
COMMENT ON COLUMN overdue_promises.region_codes IS 'INSEE codes of its regions';
COMMENT ON COLUMN overdue_promises.article_id IS 'Article that made the promise';
COMMENT ON COLUMN overdue_promises.evidence_text IS 'Words of the promise';

CREATE OR REPLACE MACRO agenda_on(asked) AS TABLE
SELECT p.project_id, m.milestone, m."from", m."to", p.name, p.kind, p.status, p.organisations, p.places,
       p.department_codes, p.region_codes, m.article_id, m.evidence_text
FROM (SELECT *, unnest(milestones) AS m FROM projects) p
WHERE coalesce(m."to", m."from") >= asked::DATE AND p.status <> 'cancelled';

COMMENT ON MACRO TABLE agenda_on IS 'agenda as on another day';

CREATE VIEW agenda AS SELECT * FROM agenda_on((SELECT day FROM today));
COMMENT ON VIEW agenda IS 'Coming dates to act on or to wait for';
COMMENT ON COLUMN agenda.project_id IS 'Project';
COMMENT ON COLUMN agenda.milestone IS 'offers_due, hearing, decision, inquiry, start, completion, opening …';
COMMENT ON COLUMN agenda."from" IS 'First day; null: any time until to';
COMMENT ON COLUMN agenda."to" IS 'Last day; null: any time since from';
COMMENT ON COLUMN agenda.name IS 'Name of the project';
COMMENT ON COLUMN agenda.kind IS 'Kind of project';
COMMENT ON COLUMN agenda.status IS 'Last status told';
COMMENT ON COLUMN agenda.organisations IS 'Who carries it';
COMMENT ON COLUMN agenda.places IS 'Where';
COMMENT ON COLUMN agenda.department_codes IS 'INSEE codes of its departments';
COMMENT ON COLUMN agenda.region_codes IS 'INSEE codes of its regions';
COMMENT ON COLUMN agenda.article_id IS 'Article that says so';
COMMENT ON COLUMN agenda.evidence_text IS 'Words that say so';

CREATE VIEW conflicts AS
SELECT 'article' AS scope, c.rule, c.stated, c.computed, a.url AS article_url, NULL::VARCHAR AS project_id,
       array_to_string(list_transform(c.evidence, e -> e."text"), ' | ') AS evidence_text,
       NULL::VARCHAR AS measure, NULL::VARCHAR AS said_by, NULL::VARCHAR AS other_said_by, c.article_id
FROM store.conflict_facts c JOIN store.articles a ON a.latest_version_id = c.version_id
UNION ALL
SELECT 'project', c.rule, c.stated, c.computed, a.url, c.project_id,
       concat_ws(' | ', c.evidence_text, c.other_evidence_text), c.measure, c.said_by, c.other_said_by, c.article_id
FROM store.project_conflicts c LEFT JOIN store.articles a USING (article_id);
COMMENT ON VIEW conflicts IS 'Sums that do not add up within an article; sources or sides that disagree on a project: both claims stand';
COMMENT ON COLUMN conflicts.scope IS 'article or project';
COMMENT ON COLUMN conflicts.rule IS 'Sum that was made, or who disagrees';
COMMENT ON COLUMN conflicts.stated IS 'What is stated';
COMMENT ON COLUMN conflicts.computed IS 'What the others give';
COMMENT ON COLUMN conflicts.article_url IS 'Article';
COMMENT ON COLUMN conflicts.project_id IS 'Project, where scope is project';
COMMENT ON COLUMN conflicts.evidence_text IS 'Words of both';
COMMENT ON COLUMN conflicts.measure IS 'What they differ on, where scope is project';
COMMENT ON COLUMN conflicts.said_by IS 'Who says the one';
COMMENT ON COLUMN conflicts.other_said_by IS 'Who says the other';
COMMENT ON COLUMN conflicts.article_id IS 'Article, its key';

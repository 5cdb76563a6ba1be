CREATE VIEW sources AS
WITH told AS (
    SELECT source_id, count(*) AS articles, max(published_on) AS last_published_on,
           count(*) FILTER (published_on > (SELECT day FROM today) - 7) AS articles_7_days,
           count(*) FILTER (published_on > (SELECT day FROM today) - 30) AS articles_30_days
    FROM store.articles GROUP BY ALL),
wrong AS (
    SELECT source_id, count(*) AS issues_7_days FROM store.issues
    WHERE day > (SELECT day FROM today) - 7 AND severity <> 'info' GROUP BY ALL)
SELECT s.source_id, s.name, s.homepage, s.kind, s.region_code, s.rights_basis, s.redistribute_text,
       s.expected_per_week, coalesce(t.articles, 0) AS articles, coalesce(t.articles_7_days, 0) AS articles_7_days,
       coalesce(t.articles_30_days, 0) AS articles_30_days, t.last_published_on,
       coalesce(w.issues_7_days, 0) AS issues_7_days, s.health, s.recorded_at
FROM store.sources s LEFT JOIN told t USING (source_id) LEFT JOIN wrong w USING (source_id);
COMMENT ON VIEW sources IS 'Sources and their health';
COMMENT ON COLUMN sources.source_id IS 'Key of the source';
COMMENT ON COLUMN sources.name IS 'Name';
COMMENT ON COLUMN sources.homepage IS 'Home page';
COMMENT ON COLUMN sources.kind IS 'press, announcements, releases …';
COMMENT ON COLUMN sources.region_code IS 'INSEE code of its region; null: national';
COMMENT ON COLUMN sources.rights_basis IS 'licensed, accepted, supplied, unconfirmed or reserved';
COMMENT ON COLUMN sources.redistribute_text IS 'Whether a licence covers passing on whole texts';
COMMENT ON COLUMN sources.expected_per_week IS 'Articles expected in a week; null: not known';
COMMENT ON COLUMN sources.articles IS 'Articles in the warehouse';
COMMENT ON COLUMN sources.articles_7_days IS 'Articles of the last seven days';
COMMENT ON COLUMN sources.articles_30_days IS 'Articles of the last thirty days';
COMMENT ON COLUMN sources.last_published_on IS 'Day of its newest article';
COMMENT ON COLUMN sources.issues_7_days IS 'Issues of the last seven days';
COMMENT ON COLUMN sources.health IS 'Last report of its crawl';
COMMENT ON COLUMN sources.recorded_at IS 'When that was recorded';

CREATE VIEW runs AS
SELECT run_id, stage, day, state, started_at, finished_at, counts, message FROM store.runs;
COMMENT ON VIEW runs IS 'What ran';
COMMENT ON COLUMN runs.run_id IS 'Run';
COMMENT ON COLUMN runs.stage IS 'Stage';
COMMENT ON COLUMN runs.day IS 'Logical day';
COMMENT ON COLUMN runs.state IS 'running, completed or failed';
COMMENT ON COLUMN runs.started_at IS 'Start';
COMMENT ON COLUMN runs.finished_at IS 'End';
COMMENT ON COLUMN runs.counts IS 'What it counted';
COMMENT ON COLUMN runs.message IS 'What went wrong, or a remark';

CREATE VIEW issues AS
SELECT issue_id, day, run_id, stage, source_id, severity, code, url, message, detail, recorded_at FROM store.issues;
COMMENT ON VIEW issues IS 'What was refused or looked wrong, and why';
COMMENT ON COLUMN issues.issue_id IS 'Key: the same issue on one day is one row';
COMMENT ON COLUMN issues.day IS 'Logical day';
COMMENT ON COLUMN issues.run_id IS 'Run that found it first';
COMMENT ON COLUMN issues.stage IS 'Stage that found it';
COMMENT ON COLUMN issues.source_id IS 'Source';
COMMENT ON COLUMN issues.severity IS 'info, warn or error';
COMMENT ON COLUMN issues.code IS 'Kind of issue';
COMMENT ON COLUMN issues.url IS 'Address or id of what was refused';
COMMENT ON COLUMN issues.message IS 'Why';
COMMENT ON COLUMN issues.detail IS 'More about it';
COMMENT ON COLUMN issues.recorded_at IS 'When it was found first';

CREATE VIEW judgements AS
SELECT judgement_id, kind, left_id, right_id, decision, rule, score, evidence, decided_by, recorded_at, superseded_by,
       superseded_at
FROM store.judgements;
COMMENT ON VIEW judgements IS 'Which two were found the same or not, by which rule or by whom';
COMMENT ON COLUMN judgements.judgement_id IS 'Key';
COMMENT ON COLUMN judgements.kind IS 'project, organisation, person or place';
COMMENT ON COLUMN judgements.left_id IS 'One of the two';
COMMENT ON COLUMN judgements.right_id IS 'The other';
COMMENT ON COLUMN judgements.decision IS 'same, different or maybe_same';
COMMENT ON COLUMN judgements.rule IS 'Rule with its version, or analyst';
COMMENT ON COLUMN judgements.score IS 'Score, 0 to 1';
COMMENT ON COLUMN judgements.evidence IS 'What was compared';
COMMENT ON COLUMN judgements.decided_by IS 'rule, or the analyst''s name';
COMMENT ON COLUMN judgements.recorded_at IS 'When it was decided';
COMMENT ON COLUMN judgements.superseded_by IS 'Judgement that replaced it; null: it holds';
COMMENT ON COLUMN judgements.superseded_at IS 'When it was replaced';

-- Past states. Two questions, two macros: what did the warehouse know on a day, and what had the papers told by a day.
CREATE OR REPLACE MACRO projects_as_of(asked) AS TABLE
SELECT s.* EXCLUDE (superseded_at)
FROM store.project_states s
WHERE s.recorded_at < (asked::DATE + 1) AND (s.superseded_at IS NULL OR s.superseded_at >= (asked::DATE + 1));

CREATE OR REPLACE MACRO projects_told_by(asked) AS TABLE
WITH told AS (
    SELECT h.project_id, h.field, h.after, h."at", h.step_id,
           row_number() OVER (PARTITION BY h.project_id, h.field ORDER BY h."at" DESC, a.url DESC, h.step_id) AS rank
    FROM store.history_steps h JOIN store.articles a USING (article_id)
    WHERE h.withdrawn_at IS NULL AND h."at" <= asked::DATE)
SELECT p.project_id, p.name, p.kind, p.organisations, p.places, p.commune_codes, p.department_codes, p.region_codes,
       max(t.after) FILTER (t.field = 'status') AS status,
       max(t.after) FILTER (t.field = 'investment_eur') AS investment_eur,
       max(t.after) FILTER (t.field = 'jobs_created') AS jobs_created,
       max(t.after) FILTER (t.field = 'jobs_cut') AS jobs_cut,
       max(t.after) FILTER (t.field = 'opening') AS opening,
       max(t.after) FILTER (t.field = 'completion') AS completion,
       max(t."at") AS last_step_at
FROM told t JOIN projects p USING (project_id)
WHERE t.rank = 1
GROUP BY ALL;

CREATE VIEW doubtful_pairs AS
SELECT j.judgement_id, j.score, l.project_id AS left_project, r.project_id AS right_project, la.url AS left_url,
       ra.url AS right_url, lt.organisations AS left_organisations, rt.organisations AS right_organisations,
       lt.kind AS left_kind, rt.kind AS right_kind, lt.evidence_text AS left_evidence,
       rt.evidence_text AS right_evidence, j.evidence AS points, j.left_id AS left_telling, j.right_id AS right_telling,
       j.recorded_at
FROM store.judgements j
JOIN store.project_reports l ON l.telling_id = j.left_id AND l.relation = 'told'
JOIN store.project_reports r ON r.telling_id = j.right_id AND r.relation = 'told'
JOIN store.articles la ON la.article_id = l.article_id
JOIN store.articles ra ON ra.article_id = r.article_id
JOIN store.project_tellings lt ON lt.telling_id = j.left_id
JOIN store.project_tellings rt ON rt.telling_id = j.right_id
WHERE j.kind = 'project' AND j.decision = 'maybe_same' AND j.decided_by = 'rule' AND j.superseded_at IS NULL
  AND l.project_id <> r.project_id
  AND NOT EXISTS (SELECT 1 FROM store.judgements d WHERE d.kind = 'project' AND d.decision = 'different'
                  AND d.decided_by <> 'rule' AND d.superseded_at IS NULL
                  AND ((d.left_id, d.right_id) IN ((j.left_id, j.right_id), (j.right_id, j.left_id),
                       (l.project_id, r.project_id), (r.project_id, l.project_id))));
COMMENT ON VIEW doubtful_pairs IS 'Pairs of reports that may tell one project: for an analyst to decide (veilleur judge)';
COMMENT ON COLUMN doubtful_pairs.judgement_id IS 'Judgement of the rule';
COMMENT ON COLUMN doubtful_pairs.score IS 'How sure the rule is, 0.5 to 1';
COMMENT ON COLUMN doubtful_pairs.left_project IS 'Project of the one';
COMMENT ON COLUMN doubtful_pairs.right_project IS 'Project of the other';
COMMENT ON COLUMN doubtful_pairs.left_url IS 'Article of the one';
COMMENT ON COLUMN doubtful_pairs.right_url IS 'Article of the other';
COMMENT ON COLUMN doubtful_pairs.left_organisations IS 'Carriers as the one names them';
COMMENT ON COLUMN doubtful_pairs.right_organisations IS 'Carriers as the other names them';
COMMENT ON COLUMN doubtful_pairs.left_kind IS 'Kind as the one tells it';
COMMENT ON COLUMN doubtful_pairs.right_kind IS 'Kind as the other tells it';
COMMENT ON COLUMN doubtful_pairs.left_evidence IS 'Words of the one';
COMMENT ON COLUMN doubtful_pairs.right_evidence IS 'Words of the other';
COMMENT ON COLUMN doubtful_pairs.points IS 'Points for and against, by witness';
COMMENT ON COLUMN doubtful_pairs.left_telling IS 'Telling of the one';
COMMENT ON COLUMN doubtful_pairs.right_telling IS 'Telling of the other';
COMMENT ON COLUMN doubtful_pairs.recorded_at IS 'When it was found';

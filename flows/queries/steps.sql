-- What is told of projects between two days, oldest first, with the sentence around a figure.
WITH told AS (
    SELECT project_id, step_id, "at", field, before, after, said_by, article_id, evidence_text
    FROM project_history
    WHERE "at" BETWEEN $since AND $until),
sentences AS (
    SELECT article_id, evidence_text, min(evidence_sentence) AS evidence_sentence
    FROM figures
    WHERE article_id IN (SELECT article_id FROM told)
    GROUP BY ALL)
SELECT t.*, s.evidence_sentence
FROM told t LEFT JOIN sentences s USING (article_id, evidence_text)
ORDER BY t."at", t.step_id

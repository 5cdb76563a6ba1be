-- What is told of projects between two days, oldest first.
SELECT project_id, step_id, "at", field, before, after, said_by, article_id, evidence_text
FROM project_history
WHERE "at" BETWEEN $since AND $until
ORDER BY "at", step_id

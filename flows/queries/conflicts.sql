-- Where sides or sources disagree on these projects: both claims stand.
SELECT project_id, rule, measure, stated, computed, said_by, other_said_by, article_id, other_article_id
FROM store.project_conflicts
WHERE project_id IN (SELECT unnest($projects::VARCHAR[]))
ORDER BY rule, measure, stated, computed, conflict_id

-- Where sides or sources disagree on these projects: both claims stand.
SELECT c.project_id, c.rule, c.measure, c.stated, c.computed, c.said_by, c.other_said_by, c.evidence_text
FROM conflicts c
WHERE c.scope = 'project'
  AND c.project_id IN (SELECT unnest($projects::VARCHAR[]))
ORDER BY c.rule, c.measure

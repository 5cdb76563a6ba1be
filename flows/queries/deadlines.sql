-- The milestones of these projects.
SELECT p.project_id, m.milestone, m."from", m."to"
FROM (SELECT project_id, unnest(milestones) AS m FROM projects) p
WHERE p.project_id IN (SELECT unnest($projects::VARCHAR[]))
  AND (m."from" IS NOT NULL OR m."to" IS NOT NULL)
ORDER BY coalesce(m."to", m."from"), m.milestone

-- severity: stop
-- what: a merged project points at one that stands, and nothing reports on a tombstone
SELECT p.project_id, p.merged_into FROM store.projects p
LEFT JOIN store.projects t ON t.project_id = p.merged_into
WHERE p.merged_into IS NOT NULL AND (t.project_id IS NULL OR t.merged_into IS NOT NULL)
UNION ALL
SELECT p.project_id, p.merged_into FROM store.projects p SEMI JOIN store.project_reports r USING (project_id)
WHERE p.merged_into IS NOT NULL

-- severity: warn
-- what: every telling of a latest version belongs to a project
SELECT t.telling_id, t.article_id
FROM store.project_tellings t
JOIN store.articles a ON a.latest_version_id = t.version_id
ANTI JOIN store.project_reports r USING (telling_id)

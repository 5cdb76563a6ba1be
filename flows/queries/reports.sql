-- The articles that tell of these projects, newest first.
SELECT r.project_id, r.article_url, a.title, a.authors, a.source_id, coalesce(s.name, a.source_id) AS source_name,
       r.published_at, a.access, r.evidence_text, coalesce(s.redistribute_text, false) AS redistribute
FROM project_reports r
JOIN articles a USING (article_id)
LEFT JOIN sources s USING (source_id)
WHERE r.project_id IN (SELECT unnest($projects::VARCHAR[]))
ORDER BY r.published_at DESC, r.article_url

-- The articles that tell of these projects, newest first.
SELECT r.project_id, r.article_url, r.title, a.authors, r.source_id, coalesce(s.name, a.source) AS source_name,
       r.published_on AS published_at, r.access, r.evidence_text, coalesce(s.redistribute_text, false) AS redistribute
FROM project_reports r
JOIN articles a ON a.article_id = r.article_id
LEFT JOIN sources s ON s.source_id = r.source_id
WHERE r.project_id IN (SELECT unnest($projects::VARCHAR[]))
ORDER BY r.published_on DESC, r.article_url

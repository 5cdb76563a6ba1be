-- The articles that tell of these projects, newest first, with what their rights let leave the house.
SELECT r.project_id, r.article_id, r.article_url, r.title, a.authors, r.source_id,
       coalesce(s.name, a.source) AS source_name, r.published_on AS published_at, r.access, r.evidence_text,
       r.evidence_sentence, r.copy_of IS NOT NULL AS copy, a.rights_basis, a.audience,
       coalesce(v.redistribute_text, false) AS redistribute
FROM project_reports r
JOIN articles a ON a.article_id = r.article_id
JOIN store.article_versions v ON v.version_id = a.version_id
LEFT JOIN sources s ON s.source_id = r.source_id
WHERE r.project_id IN (SELECT unnest($projects::VARCHAR[]))
ORDER BY r.published_on DESC, r.article_url, r.article_id

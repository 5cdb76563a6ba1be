-- Who takes part in the articles that tell of these projects, and how much.
SELECT DISTINCT r.project_id, o.name, e.siren, o.mention
FROM project_reports r
JOIN article_organisations o ON o.article_id = r.article_id
LEFT JOIN organisations e ON e.id = o.organisation_id
WHERE r.project_id IN (SELECT unnest($projects::VARCHAR[]))

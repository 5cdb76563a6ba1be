-- The projects that an article tells of, and whether it said anything new of them.
SELECT r.project_id, p.merged_into,
       (SELECT count(*) FROM project_history h WHERE h.project_id = r.project_id AND h.article_id = r.article_id) AS steps
FROM store.project_reports r JOIN store.projects p USING (project_id)
WHERE r.article_id = $article
GROUP BY ALL
ORDER BY r.project_id

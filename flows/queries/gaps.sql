-- What a morning saw and did not see, by title.
WITH seen AS (
    SELECT coalesce(s.name, s.source_id) AS name, s.source_id, coalesce(s.rights_basis, '') AS rights_basis,
           count(a.article_id) FILTER (a.access = 'teaser') AS teasers,
           json_extract_string(any_value(s.health), '$.verdict') AS verdict
    FROM sources s LEFT JOIN articles a ON a.source_id = s.source_id AND a.published_on BETWEEN $day - 7 AND $day
    GROUP BY s.source_id, s.name, s.rights_basis),
failed AS (
    SELECT DISTINCT source_id FROM issues
    WHERE day = $day AND stage = 'crawl' AND code IN ('crawl_failed', 'process-failed', 'process-killed')
    UNION SELECT source_id FROM seen WHERE verdict = 'failing')
SELECT what, names FROM (
    SELECT 'read' AS what, list(name ORDER BY name) AS names FROM seen
    WHERE source_id NOT IN (SELECT source_id FROM failed) AND rights_basis NOT IN ('reserved', 'unconfirmed')
    UNION ALL SELECT 'failed', list(name ORDER BY name) FROM seen WHERE source_id IN (SELECT source_id FROM failed)
    UNION ALL SELECT 'silent', list(name ORDER BY name) FROM seen WHERE verdict = 'silent'
    UNION ALL SELECT 'teasers', list(name ORDER BY name) FROM seen WHERE teasers > 0
    UNION ALL SELECT 'reserved', list(name ORDER BY name) FROM seen WHERE rights_basis = 'reserved'
    UNION ALL SELECT 'unconfirmed', list(name ORDER BY name) FROM seen WHERE rights_basis = 'unconfirmed'
)
WHERE names IS NOT NULL

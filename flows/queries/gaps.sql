-- What a morning saw and did not see, by title.
WITH seen AS (
    SELECT coalesce(s.name, s.source_id) AS name, s.source_id, s.rights_basis,
           count(a.article_id) FILTER (a.access = 'teaser') AS teasers,
           json_extract_string(s.health, '$.verdict') AS state
    FROM sources s LEFT JOIN articles a ON a.source_id = s.source_id AND a.published_on BETWEEN $day - 7 AND $day
    GROUP BY ALL),
failed AS (
    SELECT DISTINCT source_id FROM issues
    WHERE day = $day AND stage = 'crawl' AND code IN ('crawl_failed', 'process-failed', 'process-killed'))
SELECT what, names FROM (
    SELECT 'read' AS what, list(name ORDER BY name) AS names FROM seen
    WHERE source_id NOT IN (SELECT source_id FROM failed) AND coalesce(rights_basis, '') NOT IN ('reserved', 'unconfirmed')
    UNION ALL SELECT 'reserved', list(name ORDER BY name) FROM seen WHERE rights_basis = 'reserved'
    UNION ALL SELECT 'unconfirmed', list(name ORDER BY name) FROM seen WHERE rights_basis = 'unconfirmed'
    UNION ALL SELECT 'teasers', list(name ORDER BY name) FROM seen WHERE teasers > 0
    UNION ALL SELECT 'failed', list(name ORDER BY name) FROM seen WHERE source_id IN (SELECT source_id FROM failed)
    UNION ALL SELECT 'silent', list(name ORDER BY name) FROM seen WHERE state = 'silent'
)
WHERE names IS NOT NULL

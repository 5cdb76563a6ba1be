-- severity: warn
-- what: a source brought about as many articles in the last seven days as it used to
WITH weekly AS (
    SELECT source_id, count(*) FILTER (published_on > $day::DATE - 7) AS last_week,
           count(*) FILTER (published_on <= $day::DATE - 7) / 4.0 AS usual
    FROM store.articles
    WHERE published_on > $day::DATE - 35 AND published_on <= $day::DATE
    GROUP BY source_id),
expected AS (
    SELECT source_id, last_week, coalesce(s.expected_per_week, w.usual) AS usual
    FROM weekly w LEFT JOIN store.sources s USING (source_id))
SELECT source_id, last_week, usual FROM expected
WHERE usual >= 4 AND (last_week < 0.25 * usual OR last_week > 4 * usual)

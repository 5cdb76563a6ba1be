-- What was refused or looked wrong in the last seven days, by kind.
SELECT stage, code, source_id AS source, count(*) AS times, max(message) AS example
FROM issues WHERE day > (SELECT day FROM today) - 7
GROUP BY ALL ORDER BY times DESC, stage, code LIMIT 15

-- The last runs.
SELECT day, run_id AS run, stage, state, strftime(finished_at, '%Y-%m-%d %H:%M UTC') AS finished, counts
FROM runs ORDER BY finished_at DESC LIMIT 7

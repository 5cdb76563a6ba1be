-- severity: stop
-- what: every day is loaded whole (where a run was killed: run its day again)
SELECT substr(key, 9) AS day, value AS run_id FROM store.meta WHERE starts_with(key, 'loading ')

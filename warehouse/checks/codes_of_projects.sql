-- severity: stop
-- what: the codes of a project exist
WITH told AS (
    SELECT project_id, 'commune' AS level, unnest(commune_codes) AS code FROM store.project_states WHERE superseded_at IS NULL
    UNION ALL
    SELECT project_id, 'department', unnest(department_codes) FROM store.project_states WHERE superseded_at IS NULL
    UNION ALL
    SELECT project_id, 'region', unnest(region_codes) FROM store.project_states WHERE superseded_at IS NULL)
SELECT project_id, level, code FROM told ANTI JOIN store.codes USING (level, code)

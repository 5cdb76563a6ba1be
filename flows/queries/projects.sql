-- Projects as they stand now, with the official names of their communes.
WITH named AS (
    SELECT p.project_id, list(k.name ORDER BY k.name) AS communes
    FROM (SELECT project_id, unnest(commune_codes) AS code FROM projects
          WHERE project_id IN (SELECT unnest($projects::VARCHAR[]))) p
    JOIN store.codes k ON k.level = 'commune' AND k.code = p.code
    GROUP BY p.project_id)
SELECT project_id, p.name, kind, status, sector, organisations, places, commune_codes, department_codes, region_codes,
       investment_eur_low, investment_eur_high, jobs_created_low, jobs_created_high, jobs_cut_low, jobs_cut_high,
       first_told_at, last_told_at, first_told_by, sources, figures, milestones, n.communes
FROM projects p LEFT JOIN named n USING (project_id)
WHERE project_id IN (SELECT unnest($projects::VARCHAR[]))
ORDER BY project_id

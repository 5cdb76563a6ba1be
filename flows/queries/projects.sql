-- Projects as they stand now.
SELECT project_id, name, kind, status, sector, organisations, places, commune_codes, department_codes, region_codes,
       investment_eur_low, investment_eur_high, jobs_created_low, jobs_created_high, jobs_cut_low, jobs_cut_high,
       first_told_at, last_told_at, first_told_by, sources
FROM projects
WHERE project_id IN (SELECT unnest($projects::VARCHAR[]))

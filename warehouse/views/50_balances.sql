-- Balances of jobs and investment. Rules, so that each job and each euro counts once:
--   * a project counts once, in the quarter in which it was first told, under its first department and region;
--   * what is only considered or negotiated, and what was given up, does not count (see `counted`);
--   * investment and jobs created count for every kind but programmes (whose sums are shared out among projects);
--   * jobs cut count for closures, restructurings and insolvencies only: a takeover tells the same cuts again; where an
--     insolvency and a closure of one company share an article, the larger cut counts and the other does not;
--   * a range counts with both ends, an open end with the end that is known.
CREATE VIEW balance_projects AS
WITH cuts AS (
    SELECT p.project_id, p.organisation_ids, coalesce(p.jobs_cut_high, p.jobs_cut_low) AS jobs, p.first_told_at
    FROM projects p
    WHERE p.kind IN ('closure', 'restructuring', 'insolvency') AND coalesce(p.jobs_cut_high, p.jobs_cut_low) > 0
      AND p.status NOT IN ('considered', 'negotiating', 'cancelled')),
told_elsewhere AS (
    SELECT DISTINCT small.project_id
    FROM cuts small JOIN cuts large
      ON large.project_id <> small.project_id
     AND (large.jobs > small.jobs OR (large.jobs = small.jobs AND large.project_id < small.project_id))
     AND list_has_any(small.organisation_ids, large.organisation_ids)
    WHERE EXISTS (SELECT 1 FROM store.project_reports a JOIN store.project_reports b USING (article_id)
                  WHERE a.project_id = small.project_id AND b.project_id = large.project_id)),
judged AS (
    SELECT p.*, p.status NOT IN ('considered', 'negotiating', 'cancelled') AS counted,
           p.kind <> 'programme' AS adds,
           c.project_id IS NOT NULL AND e.project_id IS NULL AS cuts
    FROM projects p LEFT JOIN cuts c USING (project_id) LEFT JOIN told_elsewhere e USING (project_id))
SELECT project_id, name, kind, status, sector, organisations, counted,
       date_trunc('quarter', first_told_at)::DATE AS quarter, department_codes[1] AS department_code,
       region_codes[1] AS region_code,
       CASE WHEN counted AND adds THEN coalesce(investment_eur_low, investment_eur_high) END AS investment_eur_low,
       CASE WHEN counted AND adds THEN coalesce(investment_eur_high, investment_eur_low) END AS investment_eur_high,
       CASE WHEN counted AND adds THEN coalesce(jobs_created_low, jobs_created_high) END AS jobs_created_low,
       CASE WHEN counted AND adds THEN coalesce(jobs_created_high, jobs_created_low) END AS jobs_created_high,
       CASE WHEN counted AND cuts THEN coalesce(jobs_cut_low, jobs_cut_high) END AS jobs_cut_low,
       CASE WHEN counted AND cuts THEN coalesce(jobs_cut_high, jobs_cut_low) END AS jobs_cut_high,
       first_told_at
FROM judged;
COMMENT ON VIEW balance_projects IS 'What each project adds to the balances: once, in the quarter in which it was first told, under its first department; nothing where it is only considered or was given up; jobs cut not twice where a takeover or a second procedure tells them again';
COMMENT ON COLUMN balance_projects.project_id IS 'Project';
COMMENT ON COLUMN balance_projects.name IS 'Name that it goes by';
COMMENT ON COLUMN balance_projects.kind IS 'Kind';
COMMENT ON COLUMN balance_projects.status IS 'Latest status';
COMMENT ON COLUMN balance_projects.sector IS 'NAF rev. 2 division';
COMMENT ON COLUMN balance_projects.organisations IS 'Who carries it';
COMMENT ON COLUMN balance_projects.counted IS 'Whether it counts: neither only considered or negotiated, nor given up';
COMMENT ON COLUMN balance_projects.quarter IS 'First day of the quarter in which it was first told';
COMMENT ON COLUMN balance_projects.department_code IS 'Its first department, INSEE code';
COMMENT ON COLUMN balance_projects.region_code IS 'Its first region, INSEE code';
COMMENT ON COLUMN balance_projects.investment_eur_low IS 'Investment that it adds, lower end, euros';
COMMENT ON COLUMN balance_projects.investment_eur_high IS 'Investment that it adds, upper end, euros';
COMMENT ON COLUMN balance_projects.jobs_created_low IS 'Jobs that it adds, lower end';
COMMENT ON COLUMN balance_projects.jobs_created_high IS 'Jobs that it adds, upper end';
COMMENT ON COLUMN balance_projects.jobs_cut_low IS 'Jobs that it takes away, lower end';
COMMENT ON COLUMN balance_projects.jobs_cut_high IS 'Jobs that it takes away, upper end';
COMMENT ON COLUMN balance_projects.first_told_at IS 'Day of its first report';

CREATE VIEW balances AS
SELECT quarter, region_code, department_code, sector, count(*) FILTER (counted) AS projects,
       coalesce(sum(investment_eur_low), 0) AS investment_eur_low,
       coalesce(sum(investment_eur_high), 0) AS investment_eur_high,
       coalesce(sum(jobs_created_low), 0) AS jobs_created_low,
       coalesce(sum(jobs_created_high), 0) AS jobs_created_high,
       coalesce(sum(jobs_cut_low), 0) AS jobs_cut_low, coalesce(sum(jobs_cut_high), 0) AS jobs_cut_high,
       coalesce(sum(jobs_created_low), 0) - coalesce(sum(jobs_cut_high), 0) AS jobs_balance_low,
       coalesce(sum(jobs_created_high), 0) - coalesce(sum(jobs_cut_low), 0) AS jobs_balance_high
FROM balance_projects GROUP BY ALL HAVING count(*) FILTER (counted) > 0;
COMMENT ON VIEW balances IS 'Balances of jobs and investment by quarter, area and sector; every project counts once (rules: balance_projects). Announced figures, not results';
COMMENT ON COLUMN balances.quarter IS 'First day of the quarter in which the projects were first told';
COMMENT ON COLUMN balances.region_code IS 'Region, INSEE code; null: not told';
COMMENT ON COLUMN balances.department_code IS 'Department, INSEE code; null: not told';
COMMENT ON COLUMN balances.sector IS 'NAF rev. 2 division; null: not told';
COMMENT ON COLUMN balances.projects IS 'Projects that count';
COMMENT ON COLUMN balances.investment_eur_low IS 'Investment, lower ends added up, euros';
COMMENT ON COLUMN balances.investment_eur_high IS 'Investment, upper ends added up, euros';
COMMENT ON COLUMN balances.jobs_created_low IS 'Jobs created, lower ends added up';
COMMENT ON COLUMN balances.jobs_created_high IS 'Jobs created, upper ends added up';
COMMENT ON COLUMN balances.jobs_cut_low IS 'Jobs cut, lower ends added up';
COMMENT ON COLUMN balances.jobs_cut_high IS 'Jobs cut, upper ends added up';
COMMENT ON COLUMN balances.jobs_balance_low IS 'Jobs created at the least, minus jobs cut at the most';
COMMENT ON COLUMN balances.jobs_balance_high IS 'Jobs created at the most, minus jobs cut at the least';

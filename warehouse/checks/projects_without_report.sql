-- severity: stop
-- what: no project in the analysts' view without a report
SELECT project_id FROM projects ANTI JOIN store.project_reports USING (project_id)

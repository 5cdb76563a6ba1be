-- Promises past on a day, with nothing told since: a silence, not a delay.
SELECT project_id, milestone, due, days_overdue, last_told_at
FROM overdue_promises_on($day)
ORDER BY due DESC, project_id, milestone

-- Promises past with nothing told since, the latest first.
SELECT due, days_overdue, milestone, coalesce(name, array_to_string(organisations[:2], ', ')) AS project, last_told_at
FROM overdue_promises ORDER BY due DESC LIMIT 7

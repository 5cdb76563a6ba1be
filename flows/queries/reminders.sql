-- Projects with a date to act on within the coming days.
SELECT DISTINCT project_id
FROM agenda_on($day)
WHERE milestone IN ('offers_due', 'hearing', 'decision', 'inquiry')
  AND coalesce("to", "from") <= $until
ORDER BY project_id

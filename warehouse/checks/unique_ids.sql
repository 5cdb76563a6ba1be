-- severity: stop
-- what: an id names one fact, one state, one step
SELECT 'figure' AS kind, figure_id AS id FROM store.figure_facts GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'organisation', mention_id FROM store.organisation_mentions GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'person', mention_id FROM store.person_mentions GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'place', mention_id FROM store.place_mentions GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'project', telling_id FROM store.project_tellings GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'quote', quote_id FROM store.quote_facts GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'near-copy', article_id FROM store.near_copies GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'report', telling_id FROM store.project_reports WHERE relation = 'told' GROUP BY ALL HAVING count(*) > 1
UNION ALL SELECT 'state', project_id FROM store.project_states WHERE superseded_at IS NULL GROUP BY ALL HAVING count(*) > 1

-- severity: stop
-- what: no fact without evidence
SELECT 'organisation' AS kind, mention_id AS fact_id FROM store.organisation_mentions WHERE evidence_text IS NULL OR evidence_text = ''
UNION ALL SELECT 'person', mention_id FROM store.person_mentions WHERE evidence_text IS NULL OR evidence_text = ''
UNION ALL SELECT 'place', mention_id FROM store.place_mentions WHERE evidence_text IS NULL OR evidence_text = ''
UNION ALL SELECT 'figure', figure_id FROM store.figure_facts WHERE evidence_text IS NULL OR evidence_text = ''
UNION ALL SELECT 'project', telling_id FROM store.project_tellings WHERE evidence_text IS NULL OR evidence_text = ''
UNION ALL SELECT 'quote', quote_id FROM store.quote_facts WHERE evidence_text IS NULL OR evidence_text = ''

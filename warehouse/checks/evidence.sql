-- severity: stop
-- what: the evidence of every fact is the slice of the text that it says (where the text is still kept)
WITH evidence AS (
    SELECT 'organisation' AS kind, mention_id AS fact_id, version_id, evidence_block AS block, evidence_start AS s, evidence_end AS e, evidence_text AS said FROM store.organisation_mentions
    UNION ALL SELECT 'person', mention_id, version_id, evidence_block, evidence_start, evidence_end, evidence_text FROM store.person_mentions
    UNION ALL SELECT 'place', mention_id, version_id, evidence_block, evidence_start, evidence_end, evidence_text FROM store.place_mentions
    UNION ALL SELECT 'figure', figure_id, version_id, evidence_block, evidence_start, evidence_end, evidence_text FROM store.figure_facts
    UNION ALL SELECT 'project', telling_id, version_id, evidence_block, evidence_start, evidence_end, evidence_text FROM store.project_tellings
    UNION ALL SELECT 'quote', quote_id, version_id, evidence_block, evidence_start, evidence_end, evidence_text FROM store.quote_facts
),
fresh AS (SELECT version_id FROM store.readings WHERE day >= $since::DATE),
texts AS (
    SELECT version_id, -2 AS block, title AS text FROM store.article_versions SEMI JOIN fresh USING (version_id)
    UNION ALL SELECT version_id, -1, standfirst FROM store.article_versions SEMI JOIN fresh USING (version_id)
    UNION ALL SELECT version_id, block, text FROM store.blocks SEMI JOIN fresh USING (version_id)
)
SELECT kind, fact_id, block, s, e, said
FROM evidence JOIN texts USING (version_id, block)
WHERE said IS DISTINCT FROM array_slice(text, s + 1, e)

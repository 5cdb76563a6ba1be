-- severity: stop
-- what: no fact, text or reading without its article version, no link to what is gone
SELECT 'block' AS kind, version_id AS id FROM store.blocks ANTI JOIN store.article_versions USING (version_id)
UNION ALL SELECT 'reading', version_id FROM store.readings ANTI JOIN store.article_versions USING (version_id)
UNION ALL SELECT 'organisation', mention_id FROM store.organisation_mentions ANTI JOIN store.readings USING (version_id)
UNION ALL SELECT 'person', mention_id FROM store.person_mentions ANTI JOIN store.readings USING (version_id)
UNION ALL SELECT 'place', mention_id FROM store.place_mentions ANTI JOIN store.readings USING (version_id)
UNION ALL SELECT 'figure', figure_id FROM store.figure_facts ANTI JOIN store.readings USING (version_id)
UNION ALL SELECT 'project', telling_id FROM store.project_tellings ANTI JOIN store.readings USING (version_id)
UNION ALL SELECT 'quote', quote_id FROM store.quote_facts ANTI JOIN store.readings USING (version_id)
UNION ALL SELECT 'version', version_id FROM store.article_versions ANTI JOIN store.articles USING (article_id)
UNION ALL SELECT 'article', a.article_id FROM store.articles a ANTI JOIN store.article_versions v ON v.version_id = a.latest_version_id
UNION ALL SELECT 'near-copy', article_id FROM store.near_copies n ANTI JOIN store.articles a ON a.article_id = n.copy_of
UNION ALL SELECT 'report', telling_id FROM store.project_reports ANTI JOIN store.project_tellings USING (telling_id)
UNION ALL SELECT 'report of no project', telling_id FROM store.project_reports ANTI JOIN store.projects USING (project_id)
UNION ALL SELECT 'step', step_id FROM store.history_steps ANTI JOIN store.projects USING (project_id)
UNION ALL SELECT 'organisation link', organisation_id FROM store.organisation_links ANTI JOIN store.organisations USING (organisation_id)
UNION ALL SELECT 'person link', person_id FROM store.person_links ANTI JOIN store.people USING (person_id)
UNION ALL SELECT 'place link', place_id FROM store.place_links ANTI JOIN store.places USING (place_id)

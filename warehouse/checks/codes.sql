-- severity: stop
-- what: every code of a place exists in INSEE's geographic code (countries: ISO 3166-1)
SELECT m.mention_id, m.name, m.kind, m.code
FROM store.place_mentions m ANTI JOIN store.codes c ON c.level = m.kind AND c.code = m.code
WHERE m.code IS NOT NULL

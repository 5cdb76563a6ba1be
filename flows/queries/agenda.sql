-- Dates from a day on, soonest first.
SELECT g.project_id, g.milestone, g."from", g."to", g.name, g.kind, g.organisations, g.places, a.url AS article_url,
       g.evidence_text
FROM agenda_on($since) g LEFT JOIN articles a USING (article_id)
ORDER BY coalesce(g."to", g."from"), g.project_id, g.milestone

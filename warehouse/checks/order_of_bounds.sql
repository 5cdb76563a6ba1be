-- severity: warn
-- what: the lower end of a figure is not above its upper end
SELECT figure_id, measure, low, high, evidence_text FROM store.figure_facts WHERE low > high

-- Who agreed to be written to, when and how, and who asked not to be any more. Inside only: never in the published copy.

CREATE TABLE store.subscribers (
    subscriber VARCHAR PRIMARY KEY,
    email VARCHAR NOT NULL,
    audience VARCHAR NOT NULL,
    consent_on DATE,
    consent_origin VARCHAR,
    first_seen_on DATE NOT NULL,
    unsubscribed_on DATE,
    unsubscribed_by VARCHAR,
    recorded_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE store.subscribers IS 'Subscribers as the alerts file last had them, with the origin of their consent, and who unsubscribed';
COMMENT ON COLUMN store.subscribers.subscriber IS 'Id in the alerts file';
COMMENT ON COLUMN store.subscribers.email IS 'Address that is written to';
COMMENT ON COLUMN store.subscribers.audience IS 'internal or external';
COMMENT ON COLUMN store.subscribers.consent_on IS 'Day on which they agreed to be written to';
COMMENT ON COLUMN store.subscribers.consent_origin IS 'How they agreed (form, contract, mail)';
COMMENT ON COLUMN store.subscribers.first_seen_on IS 'Logical day of the first digest run that met them';
COMMENT ON COLUMN store.subscribers.unsubscribed_on IS 'Day on which they asked not to be written to; a later consent reopens';
COMMENT ON COLUMN store.subscribers.unsubscribed_by IS 'How they asked: mail, one-click, operator';
COMMENT ON COLUMN store.subscribers.recorded_at IS 'When this row was last written';

COMMENT ON COLUMN store.outbox.state IS 'queued, sent, refused (5xx, or given up after the last retry), bounced or withdrawn (unsubscribed)';
COMMENT ON COLUMN store.deliveries.step_id IS 'Step of the project''s history; or erratum:, rappel: (deadline), overdue: (promise) and quiet: with what was said';

-- Which mails told these steps to a subscriber, and what became of them.
SELECT d.step_id, d.message_id, o.day, o.state, o.attempts, o.last_reply, o.next_attempt_at, o.sent_at, o.subject
FROM store.deliveries d LEFT JOIN store.outbox o USING (message_id)
WHERE d.subscriber = $subscriber AND d.step_id IN (SELECT unnest($steps::VARCHAR[]))
ORDER BY o.day, d.message_id, d.step_id

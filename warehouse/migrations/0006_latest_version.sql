-- What decides which version is the latest was changed when replays of old days came; its comment was not.

COMMENT ON COLUMN store.article_versions.seen_at IS 'When this text was last seen: fetched, else modified, else published, else the day; of the versions with the greatest last_day the one seen last is the latest';
COMMENT ON COLUMN store.articles.withdrawn_on IS 'Day on which its page was found gone (404, 410), where it was not seen since';

-- What the warehouse holds of an article.
SELECT a.article_id, a.url, a.source_id, a.title, a.access, a.language, a.rights_basis, a.published_on, a.copy_of,
       w.withdrawn_on, (SELECT url FROM articles o WHERE o.article_id = a.copy_of) AS copy_of_url,
       (SELECT count(*) FROM figures f WHERE f.article_id = a.article_id)
       + (SELECT count(*) FROM article_organisations o WHERE o.article_id = a.article_id) AS facts
FROM articles a JOIN store.articles w USING (article_id)
WHERE a.article_id = $article

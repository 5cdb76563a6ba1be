"""Loaded once by the fork server of :func:`nlp.jsonl.read_stream`: its workers start with a ready reader.

Importing and loading a spaCy pipeline takes seconds of CPU and hundreds of megabytes, and the first article brings in
lexicons and learned models; forked workers share them all.
"""

from __future__ import annotations

import gc
import os

from crawlers.items import Article, Block
from nlp import jsonl

ARTICLE = Article(
    source="",
    title="La société investit 2 millions d’euros à Lille",
    body=(Block(kind="paragraph", text="L’entreprise lilloise va créer 20 emplois en 2026, selon son président."),),
)

jsonl.reader_for(os.environ[jsonl.PRELOAD]).read("", ARTICLE)
gc.freeze()

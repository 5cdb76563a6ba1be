"""Stand-in until crawlers.pages.extract lands."""

from crawlers.items import Article, Block
from crawlers.pages.errors import ExtractionError
from crawlers.pages.parse import parse


def extract(html, url, *, headers=None, fetched_at=None, source=None):
    root = parse(html, (headers or {}).get("content-type"))
    h1 = root.find(".//h1")
    can = root.xpath("//link[@rel='canonical']/@href")
    body = [Block(kind="paragraph", text=" ".join(p.text_content().split())) for p in root.iter("p")]
    return Article(
        url=can[0] if can else url,
        title=h1.text_content() if h1 is not None else "",
        body=[b for b in body if b.text],
        extraction="standin",
    )


def extract_pdf(data, url, **kw):
    raise ExtractionError("not_pdf", "stand-in")

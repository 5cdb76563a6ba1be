"""What is wrong with a mail as mail programs see it: the rules of old mail programs that a digest keeps."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

VOID = {"meta", "br"}
# Properties of the inline styles that Outlook for Windows takes, on the elements it takes them on.
ON_CELLS_ONLY = {"padding"}
MODERN = ("display:flex", "display:grid", "position:", "float:", "var(", "calc(", "rem;", "background-image")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        style = (given.get("style") or "").replace(": ", ":")
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"script", "img", "iframe", "form", "link", "svg", "object"}:
            self.wrong.append(f"<{tag}>")
        if tag == "table" and not {"role", "cellpadding", "cellspacing", "border"} <= given.keys():
            self.wrong.append("a table without role, cellpadding, cellspacing, border")
        if tag == "a" and not re.match(r"(https?://|mailto:)", given.get("href") or ""):
            self.wrong.append(f"link {given.get('href')!r}")
        if tag != "td" and any(re.search(rf"(^|;)\s*{name}:(?!0;)", style) for name in ON_CELLS_ONLY) and tag != "body":
            self.wrong.append(f"padding on <{tag}>")
        self.wrong += [f"{word} on <{tag}>" for word in MODERN if word in style]
        if any(name.startswith("on") for name in given):
            self.wrong.append(f"a handler on <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


def problems(raw: bytes) -> list[str]:
    """What is wrong with a mail; nothing where all is well."""
    mail = message_from_bytes(raw, policy=policy.default)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))  # type: ignore[attr-defined]
    wrong = [
        name
        for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe")
        if not mail[name]
    ]
    wrong += [f"{name} twice" for name in set(mail.keys()) if len(mail.get_all(name, [])) > 1]
    if mail["Auto-Submitted"] != "auto-generated":
        wrong.append("Auto-Submitted")
    if text is None or html is None:
        return [*wrong, "a part is missing"]
    page = _Page()
    page.feed(html.get_content())
    wrong += page.wrong + [f"<{tag}> stays open" for tag in page.open]
    if len(raw) > 102_000:
        wrong.append("Gmail cuts it")
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        wrong.append("a line longer than SMTP takes")
    if "\n\n\n" in text.get_content().replace("\r", "").strip():
        wrong.append("blank lines")
    return wrong

"""Bytes to text, for pages that say one character set and are written in another.

The order follows what French pages really do rather than what they declare: text that is valid UTF-8 *is* UTF-8
(accented windows-1252 practically never is by accident), then comes the declared set, then windows-1252.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata

import charset_normalizer
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

from crawlers.pages.errors import ExtractionError

#: A page of which more than this share of characters is unprintable is no text.
MAX_CONTROL_SHARE = 0.05

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_MOJIBAKE = re.compile(
    "(?:[\xc2-\xc5][\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a"
    "\u20ac\u2122]|\xe2\u20ac[\x80-\xbf\u0152\u0153\u0161\u017e\u2013-\u203a\u2122\u02dc])"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202c"), None)
_C1 = {0x80 + i: bytes([0x80 + i]).decode("cp1252", "ignore") or None for i in range(32)}
_ODD = re.compile("[\x80-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202c\u2060\ufeff]")
_ENTITY = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z]{2,8}\d{0,2});")
_SPACES = re.compile("[ \t\r\n\f\v\u2028\u2029\u0085]+")


def _single_byte(error: UnicodeError) -> tuple[str, int]:
    """Error handler: a byte that is no UTF-8 is read as windows-1252 (two sets mixed in one page)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("veilleur-cp1252", _single_byte)


def decode(data: bytes, content_type: str | None = None) -> str:
    """The text of a page, without null bytes and control characters.

    Args:
        data: the body as received, decompressed.
        content_type: the Content-Type header, if any.

    Raises:
        ExtractionError: ``bad_encoding`` where the bytes are no text in any set tried.

    >>> decode("<p>Liévin</p>".encode("cp1252"), "text/html; charset=utf-8")
    '<p>Liévin</p>'
    """
    text = _decode(data, content_type)
    controls = len(_CONTROLS.findall(text))
    if controls:
        if controls - text.count("\x00") > MAX_CONTROL_SHARE * len(text):
            raise ExtractionError("bad_encoding", f"{controls} control characters in {len(text)}")
        text = _CONTROLS.sub("", text)
    return repair_mojibake(text)


def _decode(data: bytes, content_type: str | None) -> str:
    encoding_of_mark, mark = read_bom(data)
    if encoding_of_mark and mark:
        return data[len(mark) :].decode(encoding_of_mark, "replace")
    if data[:400].count(b"\x00") > len(data[:400]) // 4:
        # two or four bytes a character and no mark: the zeros stand on the side of the ASCII letters' high byte
        even, odd = data[:400:2].count(b"\x00"), data[1:400:2].count(b"\x00")
        return data.decode("utf-16-be" if even > odd else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = http_content_type_encoding(content_type) or html_body_declared_encoding(data[:4096])
    encoding = resolve_encoding(declared) if declared else None
    if encoding and encoding not in ("utf-8", "ascii"):
        return data.decode(encoding, "replace")
    text = data.decode("utf-8", "veilleur-cp1252")
    # Mostly sound UTF-8 with some foreign bytes has many multi-byte characters left; a page wholly in windows-1252
    # gives the same text either way, so that only other single-byte sets are still to be asked for.
    if declared or encoding or text.isascii():
        return text
    best = charset_normalizer.from_bytes(data[:100_000], cp_isolation=["cp1252", "mac_roman", "cp850"]).best()
    if best is not None and best.encoding != "cp1252" and sum(map(str.isalpha, text)) < 0.2 * len(text):
        return str(data.decode(best.encoding, "replace"))
    return text


def repair_mojibake(text: str) -> str:
    """Undo UTF-8 that was read as windows-1252 and written again ("LiÃ©vin").

    >>> repair_mojibake("La région de LiÃ©vin et lâ€™usine dâ€™Ã‰taples")
    'La région de Liévin et l’usine d’Étaples'
    """
    if "\xc3" not in text and "\xe2\u20ac" not in text:
        return text

    def redo(match: re.Match[str]) -> str:
        try:
            return match[0].encode("cp1252").decode("utf-8")
        except UnicodeError:
            return match[0]

    return _MOJIBAKE.sub(redo, text)


def clean(text: str) -> str:
    """One line of readable text: entities resolved, spaces folded, invisible characters dropped, NFC.

    No-break spaces stay: they belong to French figures and punctuation.

    >>> clean(" 12&nbsp;M&euro; \\n pour  l\\u0092usine ")
    '12\\xa0M€ pour l’usine'
    """
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if not text.isascii():
        if _ODD.search(text):
            text = text.translate(_INVISIBLE).translate(_C1)
        text = unicodedata.normalize("NFC", text)
    return _SPACES.sub(" ", _CONTROLS.sub("", text)).strip(" \xa0\u202f\u2009")

"""One article, one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.network import is_public, refusal
from crawlers.urls import UrlError, canonical_url, same_site


@pytest.mark.parametrize(
    ("given_url", "canonical"),
    [
        ("HTTPS://WWW.Gazette.example:443/Eco/Usine", "https://www.gazette.example/Eco/Usine"),
        ("http://www.gazette.example", "http://www.gazette.example/"),
        ("https://g.example/a/./b/../c/", "https://g.example/a/c/"),
        ("https://g.example/a?utm_source=rss&utm_medium=x&id=7#haut", "https://g.example/a?id=7"),
        ("https://g.example/a?xtor=RSS-3208", "https://g.example/a"),
        ("https://g.example/a?fbclid=x&gclid=y&at_medium=z&mc_cid=1", "https://g.example/a"),
        ("https://g.example/spip.php?article12&b=2&a=1", "https://g.example/spip.php?a=1&article12=&b=2"),
        ("https://g.example/a?ref=123&source=4", "https://g.example/a?ref=123&source=4"),
        ("https://g.example/été", "https://g.example/%C3%A9t%C3%A9"),
        ("https://g.example/%c3%a9t%C3%A9", "https://g.example/%C3%A9t%C3%A9"),
        ("https://été.example/a", "https://xn--t-9fab.example/a"),
        ("  https://g.example/a\n ", "https://g.example/a"),
        ("https://g.example/a;jsessionid=12AB?x=1", "https://g.example/a?x=1"),
    ],
)
def test_canonical(given_url, canonical):
    assert canonical_url(given_url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "bad", ["", "x", "file:///etc/passwd", "javascript:alert(1)", "http://", "ftp://g.example/", "http://[::1"]
)
def test_what_is_no_web_address(bad):
    with pytest.raises(UrlError):
        canonical_url(bad)


@given(st.text(max_size=80))
def test_any_text_gives_an_address_or_the_one_error(text):
    try:
        once = canonical_url("https://g.example/" + text)
    except UrlError:
        return
    assert canonical_url(once) == once


def test_relative_and_sites():
    assert canonical_url("../b?x=1", base="https://g.example/a/c/") == "https://g.example/a/b?x=1"
    assert same_site("https://www.gazette.example/", "https://eco.gazette.example/")
    assert not same_site("https://gazette.example/", "https://autregazette.example/")


def test_addresses_that_are_not_public():
    for address in (
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "224.0.0.1",
        "255.255.255.255",
    ):
        assert not is_public(address), address
    assert is_public("192.0.43.8")
    assert is_public("2606:2800:220:1::1")
    assert refusal("file:///etc/passwd", allow_private=True).kind == "unsupported-scheme"
    assert refusal("http://localhost/", allow_private=False).kind == "private-address"
    assert refusal("http://[::1]:80/", allow_private=False).kind == "private-address"
    assert refusal("http://www.gazette.example/", allow_private=False) is None

"""A site that means harm, or whose every part is broken: each fault ends in its row, in bounded time and memory."""

from __future__ import annotations

import datetime
import gzip
import socket
import ssl
import struct
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

TEXT = "La société ouvre une usine à Lens et recrute quarante personnes d'ici la fin de l'année prochaine."
MEMORY_MB = 600


def crawl_measured(desk, ident, *flags, day="2025-11-20", timeout=120):
    """Run a crawl; returns its report, seconds and peak memory in MB."""
    command = [sys.executable, "-m", "crawlers.run", "--source", ident, "--registry", str(desk.registry)]
    command += ["--day", day, "--data", str(desk.data), *flags]
    start = time.monotonic()
    process = subprocess.Popen(command)
    peak = 0
    while process.poll() is None:
        # Not the kernel's ru_maxrss: on Linux a child's begins at its parent's, here the whole test run's.
        peak = max(peak, high_water_kb(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0
    seconds = time.monotonic() - start
    assert seconds < timeout
    return desk.report(ident, day), seconds, peak / 1024


def high_water_kb(pid):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def issue_rows(report):
    return {(issue["url"].split("/", 3)[-1], issue["stage"], issue["kind"]) for issue in report["issues"]}


def stream(chunk, times, pause=0.0, headers=()):
    """An answer without a length, sent in pieces."""

    def answer(handler):
        handler.send_response(200)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(times):
            handler.wfile.write(chunk)
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def reset(handler):
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def cut_short(length, handler):
    """Promise more than comes."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.write(b"<p>court")


def bad_length(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nok")
    handler.close_connection = True


def nonsense(handler):
    handler.wfile.write(b"NOT HTTP AT ALL\r\n\r\n")


def redirect(target, status=302, headers=()):
    return (status, {"Location": target, **dict(headers)}, b"")


@pytest.mark.slow
def test_hostile_pages(press, desk, new_press, serving):
    page = {"Content-Type": "text/html; charset=utf-8"}
    html = "<!doctype html><html lang='fr'><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
    pages = {
        "/loop-a": redirect("/loop-b"),
        "/loop-b": redirect("/loop-a"),
        "/to-file": redirect("file:///etc/passwd"),
        "/to-ftp": redirect("ftp://127.0.0.1/secret"),
        "/huge-declared": partial(cut_short, 2 << 30),
        "/huge-stream": stream(b"<p>" + b"x" * (1 << 20), 2048, headers=[("Content-Type", "text/html")]),
        "/gzip-bomb": (200, page | {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * (300 << 20), 9)),
        "/gzip-broken": (200, page | {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\0\0\0\0\0 not gzip at all"),
        "/br-broken": (200, page | {"Content-Encoding": "br"}, b"not brotli at all"),
        "/zstd-broken": (200, page | {"Content-Encoding": "zstd"}, b"not zstd at all"),
        "/to-nonsense": redirect("http://[::1"),
        "/bad-length": bad_length,
        "/drip": stream(b"<p>goutte", 600, pause=0.1, headers=[("Content-Type", "text/html")]),
        "/charset": (200, page, html.format("Une usine à Béthune s'agrandit", TEXT).encode("cp1252")),
        "/null-bytes": (200, page, html.format("Une usine \0à Lens", TEXT + "\0\0").encode()),
        "/binary": (200, page, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 200),
        "/nested": (200, page, b"<html><body><h1>Titre</h1>" + b"<div>" * 2_000_000 + b"texte"),
        "/wall": (
            200,
            page,
            html.format(
                "Gérer vos cookies", "Nous utilisons des cookies. Sans votre consentement, la page est fermée."
            ).encode(),
        ),
        "/cookie-loop": redirect("/cookie-loop", headers=[("Set-Cookie", "ok=1; path=/nowhere")]),
        "/reset": reset,
        "/short": partial(cut_short, 5000),
        "/nonsense": nonsense,
        "/gone": (410, {}, b""),
        "/teapot": (418, {}, b""),
        "/down": (500, {}, b""),
        "/empty": (200, page, b""),
        "/good": None,
    }
    press.pages.update({path: answer for path, answer in pages.items() if answer is not None})
    press.article("/good", "Une usine numéro 1 à Lens", TEXT)
    press.feed(*({"path": path, "title": f"Une annonce de {path[1:]} à Lens"} for path in pages))
    desk.source(
        "hostile",
        press.url,
        discovery=[{"type": "feed", "url": press.url + "/feed.xml"}],
        politeness={"timeout_s": 2.5, "max_page_mb": 20},
    )
    report, _, megabytes = crawl_measured(desk, "hostile", "--allow-private", "--no-delay")
    rows = {(path, kind) for path, stage, kind in issue_rows(report) if stage == "page"}
    for expected in (
        ("loop-a", "redirect-loop"),
        ("to-file", "redirect-refused"),
        ("to-ftp", "redirect-refused"),
        ("huge-declared", "too-large"),
        ("huge-stream", "too-large"),
        ("gzip-bomb", "decompression-bomb"),
        ("br-broken", "decompression-failed"),
        ("zstd-broken", "decompression-failed"),
        ("to-nonsense", "bad-response"),
        ("bad-length", "bad-response"),
        ("drip", "timeout"),
        ("charset", "wrong-charset"),
        ("null-bytes", "null-bytes"),
        ("nested", "too-deep"),
        ("wall", "wall"),
        ("cookie-loop", "redirect-loop"),
        ("reset", "reset"),
        ("short", "data-loss"),
        ("gone", "http-410"),
        ("teapot", "http-418"),
        ("down", "http-500"),
        ("empty", "empty"),
    ):
        assert expected in rows, (expected, sorted(rows))
    told = {path for path, _ in rows}
    assert {"gzip-broken", "binary", "nonsense"} <= told
    titles = {line["article"]["url"].rsplit("/", 1)[-1]: line["article"] for line in desk.articles("hostile")}
    assert "body" in titles["good"]
    assert titles["charset"]["title"] == "Une usine à Béthune s'agrandit"
    assert "\0" not in str(titles["null-bytes"])
    assert "body" not in titles["wall"]
    assert not any(issue["kind"] in {"internal-error", "download-error"} for issue in report["issues"]), report[
        "issues"
    ]
    assert megabytes < MEMORY_MB


@pytest.mark.slow
def test_hostile_announcements(press, desk):
    bomb = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";" * 1}{("&" + chr(97 + i) + ";") * 9}">'.encode()
        for i in range(9)
    )
    bomb += (
        b"]><rss version='2.0'><channel><item><title>&j;</title><link>http://x.example/</link></item></channel></rss>"
    )
    external = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://x.example/&x;</loc></url></urlset>'
    many = b"".join(
        f"<item><title>Annonce numero {n}</title><link>{press.url}/many/{n}</link><guid>{n}</guid></item>".encode()
        for n in range(100_000)
    )
    odd = f"""<rss version="2.0"><channel>
      <item><title>Sans lien ni date</title></item>
      <item><title>Sans date</title><link>{press.url}/odd/undated</link><guid>a</guid></item>
      <item><title>Du futur</title><link>{press.url}/odd/future</link><guid>b</guid>
        <pubDate>Thu, 20 Nov 2098 08:00:00 +0100</pubDate></item>
      <item><title>Jumeau un</title><link>{press.url}/odd/one</link><guid>same</guid>
        <pubDate>Thu, 20 Nov 2025 08:00:00 +0100</pubDate></item>
      <item><title>Jumeau deux</title><link>{press.url}/odd/two</link><guid>same</guid>
        <pubDate>Thu, 20 Nov 2025 08:00:00 +0100</pubDate></item>
      <item><title>Vers le disque</title><link>file:///etc/passwd</link></item>
      <item><title>Un script</title><link>javascript:alert(1)</link></item>
    </channel></rss>"""
    xml = {"Content-Type": "application/xml"}
    press.pages |= {
        "/bomb.xml": (200, xml, bomb),
        "/external.xml": (200, xml, external),
        "/many.xml": (200, xml, b"<rss version='2.0'><channel>" + many + b"</channel></rss>"),
        "/odd.xml": (200, xml, odd.encode()),
        "/nulls.xml": (200, xml, b"<rss version='2.0'><channel>\0<item>\0</item></channel></rss>"),
        "/bomb.xml.gz": (200, {"Content-Type": "application/gzip"}, gzip.compress(b"\n" * (400 << 20), 9)),
        "/garbage.xml": (200, xml, b"<<<&&&>>>"),
        "/page.xml": (200, xml, b"<!doctype html><html><body>Maintenance</body></html>"),
        "/index.xml": (
            200,
            xml,
            f"<sitemapindex><sitemap><loc>{press.url}/index.xml?n=1</loc></sitemap></sitemapindex>".encode(),
        ),
        "/index.xml?n=1": (
            200,
            xml,
            f"<sitemapindex><sitemap><loc>{press.url}/index.xml?n=2</loc></sitemap></sitemapindex>".encode(),
        ),
        "/index.xml?n=2": (
            200,
            xml,
            f"<sitemapindex><sitemap><loc>{press.url}/index.xml</loc></sitemap></sitemapindex>".encode(),
        ),
    }

    def endless(number):
        def answer(_handler):
            links = "".join(
                f"<li><a href='/liste/page-{number}-article-{n}-usine-a-lens'>"
                f"Une usine de plus à Lens, la numéro {number}{n} de la série</a></li>"
                for n in range(5)
            )
            more = f"<a rel='next' href='/liste?page={number + 1}'>Suivant</a>"
            return (200, {"Content-Type": "text/html"}, f"<html><body><ul>{links}</ul>{more}</body></html>".encode())

        return answer

    for number in range(1, 500):
        press.pages["/liste" if number == 1 else f"/liste?page={number}"] = endless(number)
    kinds = {"/external.xml": "sitemap", "/bomb.xml.gz": "sitemap", "/index.xml": "sitemap", "/liste": "listing"}
    paths = ("bomb.xml", "external.xml", "many.xml", "odd.xml", "nulls.xml", "bomb.xml.gz", "garbage.xml", "page.xml")
    endpoints = [
        {"type": kinds.get(f"/{path}", "feed"), "url": f"{press.url}/{path}"} for path in (*paths, "index.xml", "liste")
    ]
    endpoints[-1]["max_pages"] = 4
    desk.source("hostile", press.url, discovery=endpoints, accepted=False)
    report, _, megabytes = crawl_measured(desk, "hostile", "--allow-private", "--no-delay")
    rows = {(path, kind) for path, _, kind in issue_rows(report)}
    for expected in (
        ("bomb.xml", "xml-entities"),
        ("external.xml", "xml-entities"),
        ("many.xml", "feed-too-long"),
        ("odd.xml", "entry-without-link"),
        ("odd.xml", "bad-link"),
        ("odd/undated", "entry-without-date"),
        ("odd/future", "date-in-future"),
        ("odd/two", "duplicate-guid"),
        ("nulls.xml", "null-bytes"),
        ("bomb.xml.gz", "decompression-bomb"),
        ("garbage.xml", "feed-malformed"),
        ("page.xml", "not-a-feed"),
        ("index.xml", "sitemap-too-deep"),
        ("liste", "pagination-limit"),
    ):
        assert expected in rows, (expected, sorted(rows))
    assert press.requests("/liste?page=5") == 0
    titles = {line["article"]["title"]: line["article"] for line in desk.articles("hostile")}
    assert {"Jumeau un", "Jumeau deux", "Sans date", "Du futur"} <= set(titles)
    assert titles["Du futur"].get("published") is None
    assert megabytes < MEMORY_MB


def test_private_addresses_are_refused_everywhere(press, desk):
    """By literal, by name, by number, by redirect: the crawler does not enter the network that it runs in."""
    base = "http://www.gazette.example"
    secret = f"http://127.0.0.1:{press.port}/secret"
    press.pages["/secret"] = (200, {}, b"secret")
    press.pages["/to-loopback"] = redirect(secret)
    press.pages["/to-metadata"] = redirect("http://169.254.169.254/latest/meta-data/")
    press.pages["/to-mapped"] = redirect("http://[::ffff:10.0.0.1]/")
    press.feed(*({"path": f"/to-{kind}", "title": f"Vers {kind}"} for kind in ("loopback", "metadata", "mapped")))
    status, headers, body = press.pages["/feed.xml"]
    press.pages["/feed.xml"] = (status, headers, body.replace(press.url.encode(), base.encode()))
    desk.source("by-redirect", base, discovery=[{"type": "feed", "url": base + "/feed.xml"}])
    desk.crawl("by-redirect", "2025-11-20", "--proxy", press.url, "--no-delay", private=False)
    assert {i["url"] for i in desk.report("by-redirect")["issues"] if i["kind"] == "private-address"} == {
        f"{base}/to-{kind}" for kind in ("loopback", "metadata", "mapped")
    }
    assert press.requests("/secret") == 0

    for ident, host in (("by-literal", "127.0.0.1"), ("by-name", "localhost"), ("by-number", "2130706433")):
        desk.source(
            ident, f"http://{host}:{press.port}", discovery=[{"type": "feed", "url": secret.replace("127.0.0.1", host)}]
        )
        press.forget()
        desk.crawl(ident, private=False)
        assert "private-address" in {kind for _, kind in desk.kinds(ident)}
        assert press.asked == []


def test_tls_that_does_not_verify(desk, new_press, serving, tmp_path):
    certificate = self_signed(tmp_path)

    def wrap(server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)

    one = new_press(wrap=wrap)
    with serving(one):
        one.feed({"path": "/a", "title": "Une usine"})
        home = one.url.replace("http://", "https://")
        desk.source("tls", home, discovery=[{"type": "feed", "url": home + "/feed.xml"}])
        desk.crawl("tls")
    assert ("robots", "tls") in desk.kinds("tls")
    assert one.asked == []


def self_signed(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gazette.example")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    path = folder / "cert.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_dead_host_and_a_name_that_does_not_exist(desk):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    desk.source(
        "refused", f"http://127.0.0.1:{port}", discovery=[{"type": "feed", "url": f"http://127.0.0.1:{port}/f"}]
    )
    desk.crawl("refused")
    assert ("robots", "refused") in desk.kinds("refused")
    assert ("feed", "robots-unreachable") in desk.kinds("refused")
    desk.source("nowhere", "http://nowhere.invalid", discovery=[{"type": "feed", "url": "http://nowhere.invalid/f"}])
    desk.crawl("nowhere")
    assert ("robots", "dns") in desk.kinds("nowhere")


def test_every_exception_of_scrapy_has_a_kind():
    """Whatever Scrapy or Twisted raise, the row names it; only what nobody knows is a download-error."""
    import inspect

    from scrapy import exceptions
    from twisted.internet import error as net

    from crawlers.failures import classify

    raised = [
        cls
        for _, cls in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(cls, Exception)
        and cls.__module__ == "scrapy.exceptions"
        and cls.__name__.startswith(
            (
                "Download",
                "CannotResolve",
                "ResponseData",
                "UnsupportedURL",
                "StopDownload",
                "IgnoreRequest",
                "NotSupported",
            )
        )
    ]
    assert len(raised) >= 9
    for cls in raised:
        kind, message = classify(cls(), "http://www.gazette.example/")
        assert kind != "download-error", cls
        assert message
    for cls in (net.TimeoutError, net.ConnectionLost, net.DNSLookupError, net.ConnectionRefusedError, net.NoRouteError):
        assert classify(cls(), "http://www.gazette.example/")[0] != "download-error"
    assert classify(KeyError("x"), "http://www.gazette.example/") == ("download-error", "KeyError: 'x'")


def test_robots_of_five_megabytes(press, desk):
    lines = b"User-agent: *\nDisallow: /interdit/\n" + b"".join(b"Disallow: /x%d/\n" % n for n in range(350_000))
    assert len(lines) > 5 << 20
    press.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, lines)
    press.article("/interdit/1", "Une usine interdite à Lens", TEXT)
    press.article("/ouvert/1", "Une usine ouverte à Lens", TEXT)
    press.feed({"path": "/interdit/1", "title": "Interdite"}, {"path": "/ouvert/1", "title": "Ouverte"})
    desk.source("gazette", press.url, discovery=[{"type": "feed", "url": press.url + "/feed.xml"}])
    _, seconds, megabytes = crawl_measured(desk, "gazette", "--allow-private", "--no-delay")
    assert ("robots", "robots-too-large") in desk.kinds("gazette")
    assert ("page", "robots-disallowed") in desk.kinds("gazette")
    assert press.requests("/interdit/1") == 0
    assert press.requests("/ouvert/1") == 1
    assert seconds < 30
    assert megabytes < MEMORY_MB

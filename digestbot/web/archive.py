"""The archive: digests as pages and as a feed; public ones for everybody, others behind their subscriber's link."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.model.digests import DigestRecord, DigestVerdict
from digestbot.model.subscriptions import Subscription
from digestbot.platform.links import Purpose
from digestbot.rendering import escape
from digestbot.rendering.base import Envelope
from digestbot.rendering.citations import bibtex, ris
from digestbot.rendering.feed import feed
from digestbot.web.request_context import RequestContext, no_link, page
from digestbot.web.search import number_of
from digestbot.web.site import Site

ON_A_PAGE = 50
IN_THE_FEED = 20
LAST_PAGE = 1_000
# A digest brings its own style; nothing else runs or is loaded but our own keys.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
_CITATIONS = {"bib": (bibtex, "application/x-bibtex"), "ris": (ris, "application/x-research-info-systems")}
_PUBLIC = {"Cache-Control": "public, max-age=300"}


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/archive", every),
        page(site, "/archive/{subscription}", public_list),
        page(site, "/archive/{subscription}/feed.atom", public_feed),
        page(site, "/archive/{subscription}/{slot}", public_digest),
        page(site, "/citations/{token}/digest.{kind}", citations),
        page(site, "/mine/{token}", own_list),
        page(site, "/mine/{token}/feed.atom", own_feed),
        page(site, "/mine/{token}/{slot}", own_digest),
    ]


def every(context: RequestContext) -> Response:
    """The public subscriptions."""
    public = sorted(_public(context.site), key=lambda each: each.name.casefold())
    latest = {each.id: found[0] for each in public if (found := _newest(context, each, 1))}
    sign_up = {each.id: _sign_up(each) for each in public}
    return context.show("archive.html", subscriptions=public, latest=latest, sign_up=sign_up)


def public_list(context: RequestContext) -> Response:
    """A public subscription's digests, the newest first."""
    subscription = _asked(context)
    return _list(context, subscription, f"/archive/{subscription.id}", _sign_up(subscription))


def public_feed(context: RequestContext) -> Response:
    """Their feed."""
    subscription = _asked(context)
    return _feed(context, subscription, f"{context.site.public_url}/archive/{subscription.id}", _PUBLIC)


def public_digest(context: RequestContext) -> Response:
    """One of them."""
    subscription = _asked(context)
    site = context.site.public_url
    subscribe = (("Subscribe", f"{site}{_sign_up(subscription)}"),)
    return _digest(context, subscription, f"{site}/archive/{subscription.id}", _PUBLIC, subscribe)


def own_list(context: RequestContext) -> Response:
    """The digests of the subscription that the link is for, the newest first."""
    return _list(context, _own(context), f"/mine/{context.request.path_params['token']}")


def own_feed(context: RequestContext) -> Response:
    """Their feed."""
    subscription = _own(context)
    return _feed(context, subscription, context.site.links.archive(subscription.id), {})


def own_digest(context: RequestContext) -> Response:
    """One of them."""
    subscription = _own(context)
    return _digest(context, subscription, context.site.links.archive(subscription.id), {})


def citations(context: RequestContext) -> Response:
    """The papers of the digest that the link is for, as a file for a library."""
    known = _CITATIONS.get(context.request.path_params["kind"])
    if known is None:
        raise HTTPException(404)
    (key,) = context.words(Purpose.DIGEST)
    record = context.site.app.store.digest(key)
    if record is None:
        raise no_link()
    write, media_type = known
    papers = [each.paper.paper for each in context.site.app.writer.digest(record).entries]
    name = f"{record.subscription}-{record.slot.day}.{context.request.path_params['kind']}"
    return _kept(context, write(papers).encode(), media_type, {"Content-Disposition": f'attachment; filename="{name}"'})


def _public(site: Site) -> Sequence[Subscription]:
    """Those that say so: of files, since nobody makes somebody else's mail public from the web."""
    return [compiled.subscription for compiled in site.app.folder.wants if compiled.subscription.public]


def _asked(context: RequestContext) -> Subscription:
    name = context.request.path_params["subscription"]
    for each in _public(context.site):
        if each.id == name:
            return each
    raise HTTPException(404)


def _own(context: RequestContext) -> Subscription:
    """The subscription of the link, as long as there is one."""
    (name,) = context.words(Purpose.ARCHIVE)
    subscription = context.site.app.directory.get(name)
    if subscription is None:
        raise no_link()
    return subscription


def _shown(record: DigestRecord) -> bool:
    """Whether it holds something to read."""
    return record.verdict is DigestVerdict.SEND


def _newest(context: RequestContext, subscription: Subscription, count: int) -> Sequence[DigestRecord]:
    """Its last digests that hold something, at most `count`, the newest first: those that do not may be many."""
    asked = max(count, 8)
    while True:
        records = context.site.app.store.digests(subscription.id, newest=asked)
        shown = [each for each in records if _shown(each)]
        if len(shown) >= count or len(records) < asked:
            return shown[::-1][:count]
        asked *= 4


def _beside(context: RequestContext, subscription: Subscription, record: DigestRecord) -> Iterator[tuple[str, str]]:
    """The digests before and after it that hold something: words, and their slots' labels."""
    count = 8
    while True:
        shown = _newest(context, subscription, count)
        at = next((at for at, each in enumerate(shown) if each.key == record.key), -1)
        if 0 <= at < len(shown) - 1 or len(shown) < count:
            break
        count *= 4
    if 0 <= at < len(shown) - 1:
        yield "Previous digest", shown[at + 1].slot.label
    if at > 0:
        yield "Next digest", shown[at - 1].slot.label


def _sign_up(subscription: Subscription) -> str:
    """The sign-up with its topics chosen. Of rules only those become public that found something."""
    asked = urlencode({"topics": subscription.spec.topics}, doseq=True)
    return f"/?{asked}" if asked else "/"


def _list(context: RequestContext, subscription: Subscription, at: str, sign_up: str = "") -> Response:
    number = number_of(context.request.query_params.get("page", ""), LAST_PAGE)
    records = _newest(context, subscription, number * ON_A_PAGE + 1)
    number = min(number, max(1, -(-len(records) // ON_A_PAGE)))
    shown, more = records[(number - 1) * ON_A_PAGE : number * ON_A_PAGE], len(records) > number * ON_A_PAGE
    told = {"subscription": subscription, "records": shown, "first": _first_titles(context.site, shown)}
    return context.show("digests.html", 200, at=at, number=number, more=more, sign_up=sign_up, **told)


def _first_titles(site: Site, records: Sequence[DigestRecord]) -> dict[str, str]:
    """By a digest's key the title of its first paper, which tells more than a day does."""
    first = {each.key: each.entries[0].sequence for each in records if each.entries}
    logged = site.app.store.logged(first.values())
    return {key: logged[sequence].paper.title for key, sequence in first.items() if sequence in logged}


def _digest(
    context: RequestContext,
    subscription: Subscription,
    listed: str,
    headers: dict[str, str],
    links: tuple[tuple[str, str], ...] = (),
) -> Response:
    app = context.site.app
    record = app.store.digest(f"{subscription.id}/{context.request.path_params['slot']}")
    if record is None or not _shown(record):
        raise HTTPException(404)
    around = [(words, f"{listed}/{quote(label)}") for words, label in _beside(context, subscription, record)]
    (part,) = app.writer.archived(record, subscription, listed, (*around, *links)).parts
    body = part.body.replace(b"</body>", f"{_keys(context.site)}\n</body>".encode())
    return _kept(context, body, "text/html; charset=utf-8", {"Content-Security-Policy": _POLICY, **headers})


def _keys(site: Site) -> str:
    """What makes a digest answer the keyboard as the other pages do; a file or a mail of it has none."""
    at, search = escape.html(site.static("keys.js")), escape.html(f"{site.base}/search")
    return f'<script src="{at}" data-search="{search}"></script>'


def _feed(context: RequestContext, subscription: Subscription, at: str, headers: dict[str, str]) -> Response:
    app = context.site.app
    records = _newest(context, subscription, IN_THE_FEED)
    if not records:
        raise HTTPException(404)
    digests = [app.writer.digest(each) for each in records]
    envelope = Envelope(
        "", app.settings.mail_from, context.site.public_url, archive_url=at, title_search=app.settings.title_search
    )
    body = feed(digests, envelope, address=f"{at}/feed.atom")
    return _kept(context, body, "application/atom+xml; charset=utf-8", headers)


def _kept(context: RequestContext, body: bytes, kind: str, headers: dict[str, str]) -> Response:
    """The bytes, or that they are what the asker has."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    if tag in context.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, **headers})
    return Response(body, media_type=kind, headers={"ETag": tag, **headers})

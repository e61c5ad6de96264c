"""The operator's pages: subscribers, digests, deliveries, sources and the outbox, as they stand; behind the login."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.core.deliveries import DECIDABLE, OPEN_ENDS, State
from digestbot.core.errors import DigestbotError, StoreError
from digestbot.core.subscribers import Membership, SubscriberRecord, folded_address
from digestbot.delivery.by_hand import DECISIONS
from digestbot.harvest import standings
from digestbot.web.deciding import decide
from digestbot.web.login import only
from digestbot.web.looking import bars
from digestbot.web.members import suppression
from digestbot.web.search import number_of
from digestbot.web.site import Site
from digestbot.web.visits import Visit, form, page

DAYS = 30
ON_A_PAGE = 50
LATEST = 200
_SEARCHED = 50_000  # subscribers that a search by a part of an address looks through


def routes(site: Site) -> list[Route]:
    """The routes of this room."""
    return [
        page(site, "/operator", only(overview)),
        page(site, "/operator/subscribers", only(subscribers)),
        page(site, "/operator/subscribers/{id}", only(subscriber)),
        page(site, "/operator/digests", only(digests)),
        page(site, "/operator/digests/{subscription}/{slot}", only(digest)),
        page(site, "/operator/deliveries", only(deliveries)),
        page(site, "/operator/sources", only(sources)),
        page(site, "/operator/outbox", only(outbox)),
        form(site, "/operator/outbox", only(act)),
    ]


def overview(visit: Visit) -> Response:
    """How it stands, and what was sent day by day."""
    app = visit.site.app
    today = app.clock().date()
    first = today - timedelta(days=DAYS - 1)
    done = app.store.tally(since=datetime.combine(first, time(), app.clock().tzinfo))
    days = [first + timedelta(days=each) for each in range(DAYS)]
    charts = {
        state: bars([(f"{day.day} {day:%b}", done.get((day, state), 0)) for day in days])
        for state in (State.SENT, State.FAILED)
    }
    open_ends = sum(app.store.count_deliveries(OPEN_ENDS).values())
    counts = app.store.count_subscribers()
    members = [(state.value, counts.get(state, 0)) for state in Membership]
    places, files = app.store.head(), len(app.folder.ids)
    return _show(visit, "overview", charts=charts, open_ends=open_ends, members=members, log_places=places, files=files)


def subscribers(visit: Visit) -> Response:
    """Subscribers page by page; found by id, by address, or by a part of either."""
    asked = visit.request.query_params
    wanted, number = asked.get("q", "").strip(), number_of(asked.get("page", ""), 10**6)
    skipped = (number - 1) * ON_A_PAGE
    found = list(islice(_found(visit.site, wanted), skipped, skipped + ON_A_PAGE + 1))
    more = len(found) > ON_A_PAGE
    return _show(visit, "subscribers", records=found[:ON_A_PAGE], q=wanted, number=number, more=more)


def _found(site: Site, wanted: str) -> Iterable[SubscriberRecord]:
    store = site.app.store
    if not wanted:
        return store.subscribers()
    exact = [*store.subscribers([wanted]), *store.subscribers(address=wanted)]
    if exact:
        return exact
    part = folded_address(wanted)
    some = islice(store.subscribers(), _SEARCHED)
    return (each for each in some if part in each.id or any(part in address for address in each.addresses))


def subscriber(visit: Visit) -> Response:
    """One of them: what is wanted, what was sent, and why nothing is."""
    store, name = visit.site.app.store, visit.request.path_params["id"]
    for record in store.subscribers([name]):
        gone = [each for address in record.addresses if (each := suppression(store, address)) is not None]
        records = store.digests(record.id, newest=ON_A_PAGE)[::-1]
        return _show(visit, "subscriber", record=record, suppressions=gone, records=records)
    raise HTTPException(404)


def digests(visit: Visit) -> Response:
    """The digests opened last."""
    return _show(visit, "digests", records=visit.site.app.store.digests(newest=LATEST)[::-1])


def digest(visit: Visit) -> Response:
    """One digest, its papers and its deliveries."""
    store, asked = visit.site.app.store, visit.request.path_params
    record = store.digest(f"{asked['subscription']}/{asked['slot']}")
    if record is None:
        raise HTTPException(404)
    papers = store.logged(entry.sequence for entry in record.entries)
    titles = [papers[entry.sequence].paper.title for entry in record.entries]
    found = store.deliveries(digest=record.key)
    return _show(visit, "digest", record=record, titles=titles, deliveries=found[:LATEST], planned=len(found))


def deliveries(visit: Visit) -> Response:
    """The deliveries planned last, all or in one state."""
    asked = visit.request.query_params.get("state", "")
    chosen = {each for each in State if each.value == asked} or set(State)
    found = visit.site.app.store.latest(chosen, newest=LATEST)
    return _show(visit, "deliveries", deliveries=found, states=list(State), state=asked)


def sources(visit: Visit) -> Response:
    """The sources and how fresh they are."""
    app = visit.site.app
    try:
        found, problems = standings(app.settings, app.clock()), []
    except StoreError:
        raise
    except DigestbotError as error:
        found, problems = [], [str(each) for each in error.problems]
    return _show(visit, "sources", standings=found, problems=problems)


def outbox(visit: Visit, status: int = 200, problem: str = "", done: str = "") -> Response:
    """What was planned and did not arrive yet."""
    found = visit.site.app.store.latest(OPEN_ENDS, newest=LATEST)
    done = done or _DONE.get(visit.request.query_params.get("done", ""), "")
    return _show(visit, "outbox", status, deliveries=found, decidable=DECIDABLE, problem=problem, done=done)


_DONE = {"retry": "They are planned anew.", "hold": "They are held.", "drop": "They are given up."}


def act(visit: Visit) -> Response:
    """Retry, hold or drop what was ticked."""
    decision, ids = visit.form.get("do", ""), tuple(visit.many("id"))
    if decision not in DECISIONS:
        raise HTTPException(400, "form")
    if not ids:
        return outbox(visit, 422, "Tick what you mean first.")
    try:
        decide(visit.site.app, decision, ids)
    except StoreError:
        raise
    except DigestbotError as error:
        return outbox(visit, 422, str(error))
    return visit.go(f"/operator/outbox?done={decision}")


def _show(visit: Visit, name: str, status: int = 200, **values: object) -> Response:
    return visit.show(f"operator/{name}.html", status, **values)

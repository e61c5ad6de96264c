"""The operator's pages: subscribers, digests, deliveries, sources and the outbox, as they stand; behind the login."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from itertools import islice

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from digestbot.bootstrap import App
from digestbot.delivery.control_channel import Command, ControlChannel
from digestbot.delivery.operator_actions import DECISIONS, chosen, decided, noted
from digestbot.ingest.poller import source_statuses
from digestbot.model.deliveries import DECIDABLE, OPEN_ENDS, DeliveryState
from digestbot.model.errors import DigestbotError, StoreError
from digestbot.model.subscribers import Membership, SubscriberRecord, folded_address
from digestbot.web.login import only
from digestbot.web.paper_search import bars
from digestbot.web.request_context import RequestContext, form, page
from digestbot.web.search import number_of
from digestbot.web.site import Site
from digestbot.web.subscriber_access import suppression

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


def overview(context: RequestContext) -> Response:
    """How it stands, and what was sent day by day."""
    app = context.site.app
    today = app.clock().date()
    first = today - timedelta(days=DAYS - 1)
    done = app.store.tally(since=datetime.combine(first, time(), app.clock().tzinfo))
    days = [first + timedelta(days=each) for each in range(DAYS)]
    charts = {
        state: bars([(f"{day.day} {day:%b}", done.get((day, state), 0)) for day in days])
        for state in (DeliveryState.SENT, DeliveryState.FAILED)
    }
    open_ends = sum(app.store.count_deliveries(OPEN_ENDS).values())
    counts = app.store.count_subscribers()
    members = [(state.value, counts.get(state, 0)) for state in Membership]
    places, files = app.store.head(), len(app.folder.ids)
    return _show(
        context, "overview", charts=charts, open_ends=open_ends, members=members, log_places=places, files=files
    )


def subscribers(context: RequestContext) -> Response:
    """Subscribers page by page; found by id, by address, or by a part of either."""
    asked = context.request.query_params
    wanted, number = asked.get("q", "").strip(), number_of(asked.get("page", ""), 10**6)
    skipped = (number - 1) * ON_A_PAGE
    found = list(islice(_found(context.site, wanted), skipped, skipped + ON_A_PAGE + 1))
    more = len(found) > ON_A_PAGE
    return _show(context, "subscribers", records=found[:ON_A_PAGE], q=wanted, number=number, more=more)


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


def subscriber(context: RequestContext) -> Response:
    """One of them: what is wanted, what was sent, and why nothing is."""
    store, name = context.site.app.store, context.request.path_params["id"]
    for record in store.subscribers([name]):
        gone = [each for address in record.addresses if (each := suppression(store, address)) is not None]
        records = store.digests(record.id, newest=ON_A_PAGE)[::-1]
        return _show(context, "subscriber", record=record, suppressions=gone, records=records)
    raise HTTPException(404)


def digests(context: RequestContext) -> Response:
    """The digests opened last."""
    return _show(context, "digests", records=context.site.app.store.digests(newest=LATEST)[::-1])


def digest(context: RequestContext) -> Response:
    """One digest, its papers and its deliveries."""
    store, asked = context.site.app.store, context.request.path_params
    record = store.digest(f"{asked['subscription']}/{asked['slot']}")
    if record is None:
        raise HTTPException(404)
    papers = store.logged(entry.sequence for entry in record.entries)
    titles = [(entry.sequence, papers[entry.sequence].paper.title) for entry in record.entries]
    found = store.deliveries(digest=record.key)
    return _show(context, "digest", record=record, titles=titles, deliveries=found[:LATEST], planned=len(found))


def deliveries(context: RequestContext) -> Response:
    """The deliveries planned last, all or in one state."""
    asked = context.request.query_params.get("state", "")
    chosen = {each for each in DeliveryState if each.value == asked} or set(DeliveryState)
    found = context.site.app.store.latest(chosen, newest=LATEST)
    return _show(context, "deliveries", deliveries=found, states=list(DeliveryState), state=asked)


def sources(context: RequestContext) -> Response:
    """The sources and how fresh they are."""
    app = context.site.app
    try:
        found, problems = source_statuses(app.settings, app.clock()), []
    except StoreError:
        raise
    except DigestbotError as error:
        found, problems = [], [str(each) for each in error.problems]
    return _show(context, "sources", statuses=found, problems=problems)


def outbox(context: RequestContext, status: int = 200, problem: str = "", done: str = "") -> Response:
    """What was planned and did not arrive yet."""
    found = context.site.app.store.latest(OPEN_ENDS, newest=LATEST)
    done = done or _DONE.get(context.request.query_params.get("done", ""), "")
    return _show(context, "outbox", status, deliveries=found, decidable=DECIDABLE, problem=problem, done=done)


_DONE = {"retry": "They are planned anew.", "hold": "They are held.", "drop": "They are given up."}


def act(context: RequestContext) -> Response:
    """Retry, hold or drop what was ticked."""
    decision, ids = context.form.get("do", ""), tuple(context.many("id"))
    if decision not in DECISIONS:
        raise HTTPException(400, "form")
    if not ids:
        return outbox(context, 422, "Tick what you mean first.")
    try:
        decide(context.site.app, decision, ids)
    except StoreError:
        raise
    except DigestbotError as error:
        return outbox(context, 422, str(error))
    return context.go(f"/operator/outbox?done={decision}")


def _show(context: RequestContext, name: str, status: int = 200, **values: object) -> Response:
    return context.show(f"operator/{name}.html", status, **values)


WHO = "operator on the web"
_PATIENCE = 8.0  # seconds that a page waits for the daemon


def decide(app: App, decision: str, ids: tuple[str, ...]) -> None:
    """Retry, hold or drop deliveries. Raises DigestbotError with why not, StoreError."""
    orders = ControlChannel(app.settings.home)
    answer = orders.ask(Command(decision, ids, WHO), _PATIENCE, _impatient) if orders.is_attended() else None
    if answer is None:
        found, now = chosen(app.store, ids), app.clock()
        app.store.note(noted(decision, found, now, WHO))
        app.store.record(decided(decision, found, now))
    elif answer.problem:
        raise DigestbotError(answer.problem)


def _impatient() -> None:
    raise DigestbotError("The daemon has the order and will do it; it is busy now. Load this page again in a while.")

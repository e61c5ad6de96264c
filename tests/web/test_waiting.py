"""What a digest leads to: the papers that wait, sent when a button is pressed, and its papers for a library."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from digestbot.delivery.control_channel import ControlChannel
from digestbot.platform.links import Purpose
from digestbot.runtime.commands import CommandHandler
from tests.delivery.kit import deliver, mail_to, planned, subscribe
from tests.web.kit import Served, path_of, text_of, wait_for


@pytest.fixture
def capped(tmp_path: Path, serve: Callable[..., Served]) -> Served:
    """A subscription whose mail has left with two of six papers."""
    subscribe(tmp_path, "all", mail_to(["ada"]), max_entries=2)
    served = serve()
    planned(served.app, 6)
    deliver(served.app)
    return served


def link(served: Served, room: str) -> str:
    """The path of the link to a room of pages in the text of the last mail."""
    found = re.search(rf"https://\S+/{room}/\S+", text_of(served.mails(len(served.smtp.mails))[-1]))
    assert found is not None
    return path_of(found[0])


def test_looking_shows_what_waits_and_sends_nothing(capped: Served) -> None:
    page = capped.visitor().get(link(capped, "waiting"))
    assert page.text.count('<li dir="auto"><a href="https://x.org"') == 4
    assert "Send all 4 now" in page.text
    assert len(capped.app.store.digests("all")) == 1


def test_the_button_sends_the_rest_once(capped: Served) -> None:
    waiting, visitor = link(capped, "waiting"), capped.visitor()
    assert "on their way" in visitor.press(waiting).text
    deliver(capped.app)
    told = text_of(capped.mails(2)[-1])
    assert all(f"The paper number {n}" in told for n in (3, 4, 5, 6))
    assert "/waiting/" not in told
    assert "Nothing waits" in visitor.get(waiting).text
    noted = capped.app.store.audit()
    assert [each.reference for each in noted if each.who == "a reader on the web"] == [
        capped.app.store.digests("all")[-1].key
    ]


def test_where_a_daemon_has_the_store_it_opens_the_digest(capped: Served) -> None:
    handler = CommandHandler(capped.current)
    orders = ControlChannel(capped.app.settings.home)

    def attend() -> None:
        wait_for(handler.busy)
        opened = handler.open()
        handler.answer(opened)

    with handler.attended():
        daemon = Thread(target=attend)
        daemon.start()
        assert "on their way" in capped.visitor().press(link(capped, "waiting")).text
        daemon.join()
    assert orders.waiting("send-waiting") == []
    assert len(capped.app.store.digests("all")[-1].entries) == 4


def test_no_form_of_ours_and_no_link_of_ours_send_nothing(capped: Served) -> None:
    waiting, visitor = link(capped, "waiting"), capped.visitor()
    assert visitor.http.post(waiting).status_code == 403
    tokens = capped.server.site.tokens
    for token in (tokens.sign(Purpose.ARCHIVE, "all"), tokens.sign(Purpose.WAITING, "gone"), "x"):
        assert visitor.get(f"/waiting/{token}").status_code == 404
    assert len(capped.app.store.digests("all")) == 1


@pytest.mark.parametrize(("kind", "begins"), [("bib", "@misc{"), ("ris", "TY  - ")])
def test_the_papers_of_a_digest_are_had_for_a_library(capped: Served, kind: str, begins: str) -> None:
    path, visitor = link(capped, "citations"), capped.visitor()
    answer = visitor.get(f"{path.rpartition('.')[0]}.{kind}")
    assert answer.text.startswith(begins)
    assert answer.text.count("The paper number") == 2
    assert f'filename="all-{capped.app.clock().date()}.{kind}"' in answer.headers["content-disposition"]
    assert visitor.get(f"{path.rpartition('.')[0]}.pdf").status_code == 404
    tokens = capped.server.site.tokens
    assert visitor.get(f"/citations/{tokens.sign(Purpose.DIGEST, 'all/gone')}/digest.bib").status_code == 404
    assert visitor.get(f"/citations/{tokens.sign(Purpose.WAITING, 'all')}/digest.bib").status_code == 404


def test_the_pages_of_the_archive_lead_there_too(capped: Served) -> None:
    listed = path_of(capped.server.site.links.archive("all"))
    page = capped.visitor().get(f"{listed}/{capped.app.store.digests('all')[0].slot.label}").text
    for name in ("bib", "ris"):
        (address,) = re.findall(rf'href="([^"]+/digest\.{name})"', page)
        assert capped.visitor().get(path_of(address)).status_code == 200

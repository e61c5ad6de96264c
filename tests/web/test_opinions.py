"""More like this, less like this: links in real mails, looked at without harm, kept by a button, and used."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from digestbot.cli.main import main
from digestbot.digests import hand_slot, pending
from digestbot.model.feedback import Liking
from digestbot.model.papers import Paper
from digestbot.platform.links import Purpose
from tests.delivery.kit import configure, deliver, mail_to, planned, subscribe
from tests.web.kit import PUBLIC, SECRET, Served, path_of


@pytest.fixture
def filled(tmp_path: Path, serve: Callable[..., Served]) -> Served:
    """A subscription whose mail has left."""
    subscribe(tmp_path, "all", mail_to(["ada"]))
    served = serve()
    planned(served.app)
    deliver(served.app)
    return served


def links(served: Served) -> list[str]:
    """The paths under the papers of the last mail, two for each."""
    body = served.mails(len(served.smtp.mails))[-1].get_body(("html",))
    assert body is not None
    return [path_of(each) for each in re.findall(r'href="([^"]*/(?:more|less)/[^"]+)"', body.get_content())]


def test_each_paper_of_a_mail_has_both_links_and_looking_at_them_changes_nothing(filled: Served) -> None:
    paths = links(filled)
    assert [each.split("/")[1] for each in paths] == ["more", "less"] * 3
    for path in paths:
        page = filled.visitor().get(path)
        assert "The paper number" in page.text
    assert filled.app.store.opinions("all") == []


def test_the_button_keeps_it_the_other_one_changes_it_and_it_is_taken_back(filled: Served) -> None:
    more, visitor = links(filled)[0], filled.visitor()
    for liking in ("more", "less", "none"):
        assert visitor.press(more, liking=liking).status_code == 200
        (said,) = filled.app.store.opinions("all")
        assert (said.place, said.liking) == (1, Liking(liking))


def test_what_is_no_form_of_ours_or_no_link_of_ours_keeps_nothing(filled: Served) -> None:
    more, visitor = links(filled)[0], filled.visitor()
    assert visitor.http.post(more, data={"liking": "more"}).status_code == 403
    assert visitor.press(more, liking="most").status_code == 400
    tokens = filled.server.site.links.tokens
    for token in (
        more.rsplit("/", 1)[1][:-2] + "xx",
        tokens.sign(Purpose.LEAVE, "all", "1"),
        tokens.sign(Purpose.OPINION, "gone", "1"),
        tokens.sign(Purpose.OPINION, "all", "99"),
    ):
        assert visitor.get(f"/more/{token}").status_code == 404
    assert filled.app.store.opinions("all") == []


def test_it_orders_the_next_digest_and_explain_tells_how(
    filled: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = filled.app
    liked = Paper(title="The liked one", authors=("Ada Lovelace",), categories=("cs.CL",))
    app.store.merge([liked], now=app.clock())
    token = filled.server.site.links.opinions("all", app.store.head())[0]
    filled.visitor().press(path_of(token), liking="more")
    app.store.merge([Paper(title="The first"), Paper(title="The second", authors=liked.authors)], now=app.clock())
    (compiled,) = app.wants()
    slot = hand_slot(compiled.subscription, app.store.head(), app.clock())
    record = pending(compiled, app.store, slot, app.clock())
    papers = app.store.logged(each.sequence for each in record.entries)
    order = [papers[each.sequence].paper.title for each in record.entries]
    assert order.index("The second") < order.index("The first")
    with pytest.raises(SystemExit):
        main(["--home", str(tmp_path), "explain", "The second", "all"])
    told = capsys.readouterr().out
    assert "taste (what readers said of other papers): its score times 1.5" in told
    assert "+0.69  author ada lovelace" in told


def test_switched_off_mails_have_no_links_and_old_links_lead_nowhere(filled: Served, tmp_path: Path) -> None:
    more, visitor = links(filled)[0], filled.visitor()
    visitor.press(more, liking="less")
    subscribe(tmp_path, "all", mail_to(["ada"]), feedback="false")
    configure(tmp_path, SMTP_URL=filled.smtp.url(), PUBLIC_URL=PUBLIC, SECRET=f"'{SECRET}'")
    assert filled.current.reload() == []
    planned(filled.app)
    deliver(filled.app)
    assert links(filled) == []
    assert visitor.get(more).status_code == 404


def test_without_pages_mails_have_no_links(tmp_path: Path, serve: Callable[..., Served]) -> None:
    subscribe(tmp_path, "all", mail_to(["ada"]))
    served = serve()
    served.app.__dict__["links"] = None
    planned(served.app)
    deliver(served.app)
    assert links(served) == []

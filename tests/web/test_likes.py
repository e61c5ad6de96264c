"""What one likes, on the pages: papers by name and whole libraries, previewed before they count, and taken out."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from digestbot.ingest.library import LibraryReading
from digestbot.model.feedback import Feedback, Liking
from digestbot.model.papers import Paper
from digestbot.model.subscribers import SubscriberRecord
from digestbot.web import libraries, site
from tests.delivery.kit import NOW
from tests.web.kit import Served, Visitor, link_in, wait_for

COLOURS = ("amber", "blue", "crimson", "dun", "emerald", "fawn", "gold", "hazel", "ivory", "jade", "khaki", "lime")
WISHES = {"name": "Ada", "every": "daily", "at": "08:00", "timezone": "UTC", "rules": ""}
BIB = b"""@article{one, title = {Furnaces for amber glass}, author = {Ada Lovelace}, year = 2019,
  abstract = {In a furnace the viscosity of molten silica glass is measured.}}
@article{two, title = {Molten silica}, author = {Grace Hopper}, year = 2020}
"""


def glass(number: int) -> Paper:
    colour = COLOURS[number % 12]
    said = f"In this paper molten glass in a {colour} furnace is studied, and the viscosity of its silica."
    return Paper(title=f"Glass paper {colour} {number}", abstract=said, ids={"arxiv": f"2401.{number:05}"})


def birds(number: int) -> Paper:
    colour = COLOURS[number % 12]
    said = f"In this paper the migration of {colour} songbirds is studied, and the plumage of their flocks."
    return Paper(title=f"Birds paper {colour} {number}", abstract=said, ids={"arxiv": f"2402.{number:05}"})


def stock(served: Served) -> None:
    """Four weeks of papers, of which four are of glass."""
    for week in range(4):
        came = NOW - timedelta(weeks=3 - week)
        served.app.store.merge([glass(week), *(birds(30 * week + n) for n in range(30))], now=came)


def record(served: Served) -> SubscriberRecord:
    (found,) = served.app.store.subscribers()
    return found


def upload(
    visitor: Visitor, path: str, name: str, file: bytes, to: str | None = None, **fields: object
) -> httpx.Response:
    """Load the page at `path` and send its form with a file, `to` another path where that is given."""
    token = re.search(r'name="form_token" value="([^"]+)"', visitor.get(path).text)
    assert token is not None
    files = {"upload": (name, file, "application/octet-stream")}
    data = {"form_token": token[1], **WISHES, **fields}
    return visitor.http.post(to or path, data=data, files=files, timeout=120)  # whoever reads it gives way to all


def token_in(page: str) -> str:
    """The word of the library that a form has."""
    found = re.search(r'name="library" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_preferences_show_what_topics_rules_and_likes_would_have_brought_and_keep_nothing(served: Served) -> None:
    stock(served)
    path = served.subscribe(rules="", topics=["multilingual"])
    before = record(served)
    shown = served.visitor().send(
        path, {**WISHES, "rules": "songbirds crimson", "liked": "2401.00000", "per_week": "1", "do": "preview"}
    )
    said = words(shown.text)
    assert "0 papers in the last 8 weeks" in said
    assert "3 papers in the last 8 weeks besides, at about 1 a week." in said
    assert said.count("Like “Glass paper amber 0”:") == 3
    assert "molten" in said
    assert record(served) == before


def test_what_comes_by_likeness_is_what_the_next_digest_would_hold(served: Served) -> None:
    stock(served)
    path = served.subscribe(rules="", topics=["multilingual"])
    served.visitor().send(path, {**WISHES, "liked": "2401.00000", "per_week": "7"})
    assert record(served).wants["like"] == {"papers": ["2401.00000"], "per_week": 7}
    page = served.visitor().get(path).text
    assert 'name="per_week" value="7"' in page
    for wrong in ("0", "1001", "many", "-3", "٣"):
        refused = served.visitor().send(path, {**WISHES, "liked": "2401.00000", "per_week": wrong})
        assert refused.status_code == 422
        assert "Write a number from 1 to 1,000." in refused.text


class TestLibraries:
    """Whole libraries, as files."""

    def test_one_may_sign_up_with_a_library_alone(self, served: Served) -> None:
        stock(served)
        answer = upload(served.visitor(), "/", "my.bib", BIB, "/join", address="ada@example.org")
        assert (answer.status_code, "Check your mail" in answer.text) == (200, True)
        assert record(served).wants["like"] == {"library": "my.bib"}
        kept = served.app.store.library(record(served).id)
        assert [each.title for each in kept] == ["Furnaces for amber glass", "Molten silica"]
        confirmed = served.visitor().get(link_in(served.mails(1)[0]))
        assert (confirmed.status_code, "What you like my.bib" in words(confirmed.text)) == (200, True)

    def test_a_preview_keeps_the_file_until_one_subscribes_and_says_what_it_lacks(self, served: Served) -> None:
        stock(served)
        visitor = served.visitor()
        shown = upload(visitor, "/", "my.bib", BIB, "/join", do="preview", per_week="1")
        said = words(shown.text)
        assert "1 paper in the last 8 weeks at about 1 a week." in said
        assert "Like “Furnaces for amber glass”:" in said
        assert "my.bib 2 papers" in said
        assert "1 without an abstract, which tell less" in said
        assert "1 paper you like is known without an abstract." in said
        assert not list(served.app.store.subscribers())
        visitor.join(rules="", library=token_in(shown.text))
        assert record(served).wants["like"] == {"library": "my.bib"}
        assert len(served.app.store.library(record(served).id)) == 2

    def test_nobody_else_finds_an_uploaded_library_and_after_an_hour_nobody_does(self, served: Served) -> None:
        visitor = served.visitor()
        word = token_in(upload(visitor, "/", "my.bib", BIB, "/join", do="preview").text)
        other = served.visitor().join(rules="", library=word)
        assert (other.status_code, "The library is not here any more" in other.text) == (422, True)
        served.clock.move(minutes=61)
        late = visitor.join(rules="", library=word)
        assert (late.status_code, "choose the file once more" in late.text) == (422, True)

    def test_preferences_keep_it_change_it_and_take_it_out(self, served: Served) -> None:
        path = served.subscribe(rules="", topics=["multilingual"])
        visitor, store = served.visitor(), served.app.store
        assert upload(visitor, path, "my.bib", BIB).status_code == 303
        assert len(store.library(record(served).id)) == 2
        page = visitor.get(path).text
        assert "my.bib 2 papers" in words(page)
        visitor.send(path, {**WISHES, "library": token_in(page), "about": "glass"})
        assert record(served).wants["like"] == {"about": "glass", "library": "my.bib"}
        assert len(store.library(record(served).id)) == 2
        one = b"TY  - JOUR\nTI  - Songbirds of the north\nAB  - Their plumage.\nER  - \n"
        upload(visitor, path, "C:\\fakepath\\other.ris", one, library="kept")
        assert record(served).wants["like"] == {"library": "other.ris"}
        assert [each.title for each in store.library(record(served).id)] == ["Songbirds of the north"]
        visitor.send(path, {**WISHES, "topics": ["speech"]})
        assert "like" not in record(served).wants
        assert store.library(record(served).id) == []

    def test_the_library_of_a_subscriber_is_not_at_hand_for_a_stranger(self, served: Served) -> None:
        """The word for one's own library means nothing without the link."""
        path = served.subscribe(rules="", topics=["multilingual"])
        upload(served.visitor(), path, "my.bib", BIB)
        assert served.visitor().join("eve@example.org", rules="", library="kept").status_code == 422

    def test_a_broken_file_is_told_with_its_line(self, served: Served) -> None:
        whole = b"@article{one, title = {Furnaces for glass}, year = 2019}\n\n"
        broken = whole + b"@article{two, title = {Never closed, year = 2020"
        shown = upload(served.visitor(), "/", "my.bib", broken, "/join", do="preview")
        assert shown.status_code == 200
        assert "1 entries could not be read: line 3:" in words(shown.text)
        nothing = upload(served.visitor(), "/", "my.bib", b"@article{two, title = {Never", "/join", do="preview")
        assert nothing.status_code == 422
        assert re.search(
            r"Library: my.bib: 1 files could not be read: my.bib: no whole paper in it.*line 1:", words(nothing.text)
        )
        assert 'id="upload-wrong"' in nothing.text
        other = upload(served.visitor(), "/", "holiday.jpg", b"\xff\xd8\xff\xe0" + bytes(2000), "/join", do="preview")
        assert other.status_code == 422
        assert "holiday.jpg" in words(other.text)

    def test_what_a_file_says_is_shown_as_text(self, served: Served) -> None:
        stock(served)
        nasty = b"@article{one, title = {<script>alert(1)</script> molten glass}, abstract = {silica in a furnace}}"
        shown = upload(served.visitor(), "/", "<img src=x>.bib", nasty, "/join", do="preview")
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
        assert "&lt;img src=x&gt;.bib" in shown.text


def bibtex(count: int) -> bytes:
    entry = "@article{{k{0}, title = {{Silica in furnace number {0}}}, abstract = {{Of glass number {0}.}}}}\n"
    return "".join(map(entry.format, range(count))).encode()


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


class TestBounds:
    """What is too much is told in plain words, and costs nobody else anything."""

    def test_a_zip_of_five_thousand_entries_counts_whole(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libraries, "PATIENCE", 30.0)  # on a busy machine others go first
        data = zipped([("library/my.bib", bibtex(5_000)), ("library/notes.pdf", b"%PDF-1.4 no paper")])
        shown = upload(served.visitor(), "/", "my.zip", data, "/join", do="preview")
        said = words(shown.text)
        assert "my.zip 5,000 papers" in said
        assert "there are more" not in said
        assert "1 files could not be read: library/notes.pdf:" in said

    def test_of_a_hundred_thousand_papers_the_first_five_thousand_count(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(libraries, "PATIENCE", 30.0)  # on a busy machine others go first
        data = zipped([("my.bib", bibtex(100_000))])
        shown = upload(served.visitor(), "/", "my.zip", data, "/join", do="preview")
        assert "my.zip 5,000 papers there are more, and the first 5,000 count" in words(shown.text)

    def test_a_library_that_takes_too_long_is_cut_and_that_is_said(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(libraries, "PATIENCE", -1.0)
        shown = upload(served.visitor(), "/", "my.bib", bibtex(50), "/join", do="preview")
        assert "1 paper it takes long to read: the first 1 count" in words(shown.text)

    def test_a_file_that_is_too_large_is_refused_in_plain_words(self, served: Served) -> None:
        answer = upload(served.visitor(), "/", "my.bib", bytes(17 * 1024 * 1024), "/join")
        assert (answer.status_code, "a file may have 16 MB" in answer.text) == (413, True)
        chunks = (bytes(64 * 1024) for _ in range(300))
        kind = {"content-type": "multipart/form-data; boundary=x"}
        hidden = served.visitor().http.post("/join", content=chunks, headers=kind)
        assert hidden.status_code in (400, 413)

    @pytest.mark.parametrize("path", ["/preferences", "/leave/x", "/operator/login", "/more/x"])
    def test_other_forms_take_no_file(self, served: Served, path: str) -> None:
        answer = served.visitor().http.post(path, files={"upload": bytes(100_000)})
        assert answer.status_code == 413
        assert served.visitor().http.post(path, files={"upload": b"x"}).status_code in (400, 403, 405)

    def test_who_uploads_without_end_has_to_wait(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(libraries, "read", lambda *_: LibraryReading(problems=["nothing in it"]))
        visitor = served.visitor()
        answers = [upload(visitor, "/", "a.bib", b"x", "/join", do="preview").text for _ in range(site.UPLOADS + 1)]
        assert ["many files came from your network" in each for each in answers] == [False] * site.UPLOADS + [True]

    def test_of_the_uploaded_libraries_the_oldest_goes_first(self) -> None:
        shelf = libraries.Shelf()
        reading = LibraryReading([Paper(title="One")])
        names = [shelf.put("a.bib", reading, "browser", NOW) for _ in range(libraries.MOST_KEPT + 1)]
        assert [shelf.get(each, "browser", NOW) is not None for each in names] == [False] + [True] * libraries.MOST_KEPT


def test_a_pressed_more_like_this_is_listed_and_taken_back(served: Served) -> None:
    stock(served)
    path = served.subscribe(rules="", topics=["multilingual"])
    store, visitor = served.app.store, served.visitor()
    glassy = store.find("2401.00002")
    birdy = store.find("2402.00001")
    assert glassy is not None
    assert birdy is not None
    name = record(served).id
    store.put_opinions(
        [Feedback(name, glassy.sequence, Liking.MORE, NOW), Feedback(name, birdy.sequence, Liking.LESS, NOW)]
    )
    page = words(visitor.get(path).text)
    assert "More like Glass paper crimson 2" in page
    assert "Less like Birds paper blue 1" in page
    likes = visitor.send(path, {**WISHES, "about": "viscosity", "do": "preview"})
    assert "Like “Glass paper crimson 2”:" in words(likes.text)
    back = visitor.send(path, {"place": str(glassy.sequence)}, f"{path}/opinions")
    assert "Taken back" in back.text
    assert "Glass paper crimson 2" not in words(back.text)
    assert [each.liking for each in store.opinions(name)] == [Liking.LESS, Liking.NONE]
    assert visitor.send(path, {"place": "999"}, f"{path}/opinions").status_code == 400


class TestPlayground:
    """Likes tried there, and carried on."""

    def test_likes_and_rules_are_tried_together_and_carried_into_the_sign_up(self, served: Served) -> None:
        stock(served)
        asked = {"rules": "songbirds", "liked": "2401.00000", "about": "kilns & ovens", "per_week": "1"}
        page = served.visitor().http.get("/playground", params=asked).text
        said = words(page)
        assert "120 papers in the last 8 weeks" in said
        assert "3 papers in the last 8 weeks besides" in said
        for name, value in (("liked", "2401.00000"), ("about", "kilns &amp; ovens"), ("per_week", "1")):
            assert f'<input type="hidden" name="{name}" value="{value}">' in page
        form = served.visitor().http.get("/", params=asked).text
        assert ">2401.00000</textarea>" in form
        assert 'value="kilns &amp; ovens"' in form
        assert 'name="per_week" value="1"' in form

    def test_a_library_is_tried_and_carried_into_the_sign_up(self, served: Served) -> None:
        stock(served)
        visitor = served.visitor()
        answer = upload(visitor, "/playground", "my.bib", BIB, rules="songbirds")
        assert answer.status_code == 303
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        assert asked["rules"] == ["songbirds"]
        page = visitor.get(answer.headers["location"]).text
        assert "Like “Furnaces for amber glass”:" in words(page)
        assert "my.bib 2 papers" in words(visitor.http.get("/", params={"library": asked["library"]}).text)
        visitor.join(library=asked["library"][0])
        assert record(served).wants["like"] == {"library": "my.bib"}

    def test_a_paper_that_nobody_knows_and_a_broken_library_are_told(self, served: Served) -> None:
        page = served.visitor().http.get("/playground", params={"liked": "9999.99999"})
        assert (page.status_code, "no paper of ours is called 9999.99999" in page.text) == (422, True)
        wrong = upload(served.visitor(), "/playground", "my.bib", b"@article{two, title = {Never")
        assert (wrong.status_code, "Library: my.bib" in wrong.text) == (422, True)

    def test_an_empty_store_says_so(self, served: Served) -> None:
        page = served.visitor().http.get("/playground", params={"about": "molten glass"})
        assert "No paper is stored yet." in page.text


def test_an_answer_with_a_library_is_as_steady_as_any(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether an address is known, and its library kept or not, shows in nothing."""
    served = serve()
    served.subscribe("ada@example.org")
    served.clock.move(hours=2)
    pages = [
        upload(served.visitor(), "/", "my.bib", BIB, "/join", address=address).text.replace(address, "-")
        for address in ("ada@example.org", "new@example.org")
    ]
    assert pages[0] == pages[1]
    kept = [each.id for each in served.app.store.subscribers() if served.app.store.library(each.id)]
    assert len(kept) == 1, "what is sent in somebody's name changes nothing of what they have"


def test_who_comes_while_libraries_are_read_is_told_to_come_again_and_leaving_waits_for_none(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.subscribe()
    go_on = threading.Event()

    def reading(*_: object) -> LibraryReading:
        go_on.wait(60)
        return LibraryReading(problems=["nothing in it"])

    monkeypatch.setattr(libraries, "read", reading)
    visitors = [served.visitor() for _ in range(4)]
    answers: list[int] = []
    waiting = [
        threading.Thread(
            target=lambda each=each: answers.append(upload(each, "/", "a.bib", b"x", "/join", do="preview").status_code)
        )
        for each in visitors[:3]
    ]
    try:
        for each in waiting:
            each.start()
        wait_for(lambda: served.server.site.pools.libraries._in_hand == 3, 60)
        refused = upload(visitors[3], "/", "a.bib", b"x", "/join", do="preview")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        leave = served.server.site.links.leave_token(record(served).id, "ada@example.org")
        left = served.visitor().http.post(f"/leave/{leave}", data={"List-Unsubscribe": "One-Click"})
        assert left.status_code == 200
        assert served.app.store.suppressions(["ada@example.org"])
    finally:
        go_on.set()
        for each in waiting:
            each.join()
    assert answers == [422] * 3

"""`digestbot subscribers`: who stands in the store. Rows 70, 75 and 81 of the faults."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

from tests.servers.smtp import SmtpServer
from tests.stories.commands import SAMPLES, Commands, Ran

SECRET = "DIGESTBOT_SECRET=a-secret-of-many-characters\n"


def write(run: Commands, name: str, text: str | bytes) -> Path:
    path = run.home / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def listed(run: Commands, *options: str) -> list[dict[str, object]]:
    ran = run("subscribers", "list", "--json", *options)
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def wants(run: Commands) -> dict[str, object]:
    return {each["addresses"][0]: each["wants"] for each in listed(run)}  # type: ignore[index]


def audited(run: Commands, *about: str) -> list[tuple[str, str]]:
    ran = run("subscribers", "audit", "--json", *about)
    return [(each["act"], each["about"]) for each in map(json.loads, ran.out.splitlines())]


def ok(ran: Ran) -> Ran:
    assert ran.code == 0, ran.err
    return ran


def zipped(content: bytes) -> bytes:
    """An archive that holds much more than its size."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("people.csv", content)
    return archive.getvalue()


def test_one_is_added_changed_paused_and_removed_and_all_of_it_is_noted(run: Commands) -> None:
    add = ("subscribers", "add", "Ada@Example.org", "--keyword", "speech", "--topic", "multilingual")
    ok(run(*add, "--cadence", "weekly mon 09:00", "--timezone", "Europe/Berlin", "--consent", "letter of 2 March"))
    (ada,) = listed(run)
    assert ada["state"] == "active"
    assert ada["addresses"] == ["ada@example.org"]
    assert ok(run("subscribers", "add", "ada@example.org", "--name", "Ada's papers")).out == (
        "ada@example.org: was there, changed\n"
    )
    assert ok(run("subscribers", "pause", "ADA@example.org", "--until", "2036-09-01")).code == 0
    said = wants(run)["ada@example.org"]
    assert said == {
        "keywords": ["speech"],
        "topics": ["multilingual"],
        "cadence": "weekly mon 09:00",
        "timezone": "Europe/Berlin",
        "name": "Ada's papers",
        "paused_until": "2036-09-01",
        "to": [{"channel": "email", "address": "ada@example.org"}],
    }
    assert "until 2036-09-01" in run("subscribers", "list").out
    assert run("next-runs").code == 0
    ok(run("subscribers", "pause", str(ada["id"])))
    assert wants(run)["ada@example.org"]["paused"] is True  # type: ignore[index]
    ok(run("subscribers", "pause", "ada@example.org", "--end"))
    assert "paused" not in str(wants(run))
    assert listed(run, "--topic", "multilingual") == listed(run, "--address", "ADA@example.org") == listed(run)
    assert listed(run, "--state", "left") == []
    ok(run("subscribers", "remove", "ada@example.org", "--reason", "moved away"))
    assert listed(run) == []
    assert [act for act, _ in audited(run)] == ["added", "changed", "paused", "paused", "paused", "removed"]
    log = run("subscribers", "audit", "ada@example.org").out
    assert "operator " in log
    assert "letter of 2 March" in log
    assert "moved away" in log


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "nobody"), "'nobody' is no address"),
        (("add", "ada@example.org", "--cadence", "dayly"), "cadence"),
        (("add", "ada@example.org", "--query", "x AND ("), "query: "),
        (("add", "ada@example.org", "--keyword", "x", "--topic", "multilingul"), "multilingul"),
        (("add", "ada@example.org", "--keyword", "x", "--name", "a\r\nBcc: eve@example.org"), "control character"),
        (("pause", "ada@example.org"), "no subscriber 'ada@example.org'"),
        (("pause", "ada@example.org", "--until", "tomorrow"), "is no day"),
        (("pause", "ada@example.org", "--until", "2020-01-01"), "on which a pause could end"),
        (("suppress", "ada"), "'ada' is no address"),
        (("import", "none.csv"), "there is no such file"),
        (("forget", "ada@example.org"), "DIGESTBOT_SECRET"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(arguments: tuple[str, ...], said: str, run: Commands) -> None:
    run("subscribers", "list")
    before = run.files()
    ran = run("subscribers", *arguments)
    assert ran.code in (1, 2)
    assert said in ran.err
    assert listed(run) == []
    assert run.files().keys() >= before.keys()


def test_g70_an_import_is_all_or_nothing_and_names_line_and_column(run: Commands) -> None:
    bad = write(
        run,
        "people.csv",
        "address;name;cadence;query;max_entries;topics\n"
        "ada@example.org;Ada;daily 08:00;speech;20;multilingual\n"
        'bob@example.org;=HYPERLINK("http://evil");dayly;speech;many;\n'
        'carl@example.org;Carl;;"x AND (";;nothing-such\n'
        "no address;Dora;;speech;;\n"
        'eve@example.org;"Eve\nBcc: all@example.org";;speech;;\n'
        "fay@example.org;Fay;;speech;\n",
    )
    ran = run("subscribers", "import", bad)
    assert ran.code == 2
    for line in (
        "people.csv:3: name: begins with '=', as formulas do",
        "people.csv:3: cadence",
        "people.csv:3: max_entries: 'many' is no number",
        "people.csv:4: query: ",
        "people.csv:4: topics: ",
        "people.csv:5: address: 'no address' is no address",
        "people.csv:6: name: holds a line break",
        "people.csv:8: has 5 cells, and there are 6 columns",
        "nothing was imported",
    ):
        assert line in ran.err, (line, ran.err)
    assert listed(run) == []
    assert audited(run) == []


def test_g70_addresses_are_folded_and_repeated_ones_told(run: Commands) -> None:
    people = write(
        run, "people.csv", 'E-Mail,keywords\nADA@Example.org,speech;"low resource"\nada@example.ORG,x\nbob@x.org,y\n'
    )
    said = ok(run("subscribers", "import", people, "--dry-run")).out
    assert said == (
        "people.csv:3: ada@example.org is left out: repeats line 2, which counts\n"
        "2 would be added, 0 would be changed, 0 left out, 1 repeated\n"
    )
    assert listed(run) == []
    assert ok(run("subscribers", "import", people)).out.endswith("2 added, 0 changed, 0 left out, 1 repeated\n")
    assert wants(run)["ada@example.org"]["keywords"] == ["speech", "low resource"]  # type: ignore[index]
    assert sorted(audited(run)) == [("imported", "ada@example.org"), ("imported", "bob@x.org")]
    again = write(run, "again.csv", "address,cadence\nADA@example.org,weekly mon 09:00\n")
    assert ok(run("subscribers", "import", again)).out == "0 added, 1 changed, 0 left out, 0 repeated\n"
    assert wants(run)["ada@example.org"]["keywords"] == ["speech", "low resource"]  # type: ignore[index]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_g70_encodings(encoding: str, run: Commands) -> None:
    people = write(run, "people.csv", "address\tname\tkeywords\r\nada@example.org\tÄda\tspeech\r\n".encode(encoding))
    ran = run("subscribers", "import", people)
    if encoding == "windows-1252":
        assert "people.csv:2: name: is not in the file's encoding" in ran.err
        ran = run("subscribers", "import", people, "--encoding", encoding)
    ok(ran)
    assert wants(run)["ada@example.org"]["name"] == "Äda"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,topics\nAda,x\n", "has no column address"),
        ("address,kewords\nada@example.org,x\n", "did you mean 'keywords'"),
        ("address,name,name\n", "stands there twice"),
        ("", "has no column address"),
        ("address\n" + "x" * 200_000 + "\n", "is longer than"),
        ('address,keywords\nada@example.org,"x\n', "is no CSV"),
        ("address,id,keywords\na@x.org,s-1,x\nb@x.org,s-1,x\n", "stands at two addresses"),
        ("address,id,keywords\na@x.org,s/1,x\n", "an id is letters"),
        ("address,keywords\n+a@x.org,x\n", "as formulas do"),
        ("address,keywords\na@x.org,x\0y\n", "control character"),
        (gzip.compress(b"address,keywords\n" + b"a@x.org,x\n" * 1_000_000), "has no column address"),
        (zipped(b"address,keywords\n" + b"a@x.org,x\n" * 1_000_000), "has no column address"),
    ],
)
def test_g70_files_that_are_none(text: str | bytes, said: str, run: Commands) -> None:
    ran = run("subscribers", "import", write(run, "people.csv", text))
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err) < 2_000
    assert listed(run) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("p.csv", "address,id,keywords\na@x.org,lab,x\n"), ("p.toml", '[[subscriber]]\naddress="a@x.org"\nid="lab"\n')],
)
def test_nobody_takes_the_id_of_a_subscription_in_a_file(name: str, text: str, run: Commands) -> None:
    """Of two with one id the digests would be one: somebody would get none."""
    folder = run.home / "subscriptions"
    folder.mkdir(exist_ok=True)
    (folder / "lab.toml").write_text('keywords = ["x"]\n[[to]]\nchannel = "file"\npath = "out"\n', encoding="utf-8")
    ran = run("subscribers", "import", write(run, name, text))
    assert (ran.code, "id: 'lab' is a subscription in a file" in ran.err) == (2, True)
    assert listed(run) == []


def test_toml_says_more_and_its_problems_have_lines(run: Commands) -> None:
    bad = write(run, "p.toml", '[[subscriber]]\naddress = "ada@example.org"\nkeywords = ["x"]\ncadence = "dayly"\n')
    assert "p.toml:4: cadence" in run("subscribers", "import", bad).err
    good = write(
        run,
        "p.toml",
        '[[subscriber]]\naddress = "ada@example.org"\nkeywords = ["x"]\npaused_until = 2036-01-02\n'
        '[[subscriber.to]]\nchannel = "email"\naddress = "ada@example.org"\n'
        '[[subscriber.to]]\nchannel = "file"\npath = "out"\n',
    )
    ok(run("subscribers", "import", good))
    assert wants(run)["ada@example.org"]["paused_until"] == "2036-01-02"  # type: ignore[index]
    exported = ok(run("subscribers", "export", "--form", "toml")).out
    before = wants(run)
    ok(run("subscribers", "remove", "ada@example.org"))
    ok(run("subscribers", "import", write(run, "back.toml", exported)))
    assert wants(run) == before
    assert "further destinations" in run("subscribers", "export").err
    assert "is no file of subscribers" in run("subscribers", "import", write(run, "q.toml", "x = 1\n")).err


def test_g70_what_is_exported_is_no_formula_and_comes_back_as_it_was(run: Commands) -> None:
    """The rule language has signs that spreadsheets run: they leave behind a quote, and lose it on the way back."""
    ok(run("subscribers", "add", "ada@example.org", "--query", "-medical +1", "--keyword", "=BERT", "--keyword", "a;b"))
    ok(run("subscribers", "add", "bob@example.org", "--query", "'-x", "--name", "a,b"))
    before = wants(run)
    exported = ok(run("subscribers", "export")).out
    for row in csv.reader(io.StringIO(exported)):
        assert not [cell for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    ok(run("subscribers", "remove", "ada@example.org", "bob@example.org"))
    ok(run("subscribers", "import", write(run, "back.csv", exported)))
    assert wants(run) == before


def test_h75_suppressed_addresses_are_not_brought_back_until_they_are_released(run: Commands) -> None:
    people = write(run, "people.csv", "address,keywords\nada@example.org,x\nbob@example.org,x\n")
    ok(run("subscribers", "suppress", "ADA@example.org", "--reason", "asked by phone", "--evidence", "ticket 7"))
    said = ok(run("subscribers", "import", people)).out
    assert "people.csv:2: ada@example.org is left out: is suppressed since" in said
    assert "asked by phone" in said
    assert list(wants(run)) == ["bob@example.org"]
    ran = run("subscribers", "add", "ada@example.org", "--keyword", "x")
    assert ran.code == 2
    assert "subscribers release ada@example.org" in ran.err
    assert run("subscribers", "release", "ada@example.org").code == 2  # a release wants its reason
    ok(run("subscribers", "release", "ada@example.org", "--reason", "she called again"))
    ok(run("subscribers", "import", people))
    assert sorted(wants(run)) == ["ada@example.org", "bob@example.org"]
    assert [act for act, _ in audited(run, "ada@example.org")] == ["suppressed", "released", "imported"]
    assert "she called again; was: asked by phone" in run("subscribers", "audit", "ada@example.org").out
    assert ok(run("subscribers", "suppress", "x@y.org", "x@y.org")).out.count("suppressed") == 2
    assert [each["addresses"] for each in listed(run, "--suppressed")] == [["x@y.org"]]


def test_h75_no_other_spelling_of_a_domain_brings_an_address_back_and_mail_goes_where_it_was_written(
    run: Commands,
) -> None:
    """One mailbox has several spellings where its domain is not ASCII; folded for comparing, ß would be ss."""
    ok(run("subscribers", "suppress", "ada@b\u00fccher.example"))
    people = "address,keywords\nADA@xn--bcher-kva.example,x\nada@bu\u0308cher.example,x\nBob@stra\u00dfe.example,x\n"
    assert "0 changed, 1 left out, 1 repeated" in ok(run("subscribers", "import", write(run, "p.csv", people))).out
    (bob,) = listed(run)
    assert bob["wants"]["to"] == [{"channel": "email", "address": "bob@stra\u00dfe.example"}]  # type: ignore[index]
    assert "1 changed" in ok(run("subscribers", "import", write(run, "p.csv", people))).out


def test_i81_one_person_is_exported_and_forgotten_and_never_comes_back(run: Commands) -> None:
    (run.home / ".env").write_text(SECRET, encoding="utf-8")
    ok(run("subscribers", "add", "ada@example.org", "--keyword", "x", "--consent", "by ada@example.org"))
    ok(run("subscribers", "add", "bob@example.org", "--keyword", "x"))
    kept = json.loads(ok(run("subscribers", "export", "--person", "ADA@example.org")).out)
    assert [each["wants"]["keywords"] for each in kept["subscriptions"]] == [["x"]]
    assert [each["act"] for each in kept["audit"]] == ["added"]
    told = ok(run("subscribers", "forget", "Ada@example.org")).out
    assert "what stays" in told
    assert "what this cannot reach" in told
    assert b"ada@example.org" not in b"".join(run.files().values()).lower()
    assert b"bob@example.org" in b"".join(run.files().values())
    people = write(run, "people.csv", "address,keywords\nADA@example.org,x\n")
    assert "is suppressed since" in ok(run("subscribers", "import", people)).out
    assert list(wants(run)) == ["bob@example.org"]
    assert [act for act, _ in audited(run)] == ["added", "added", "forgotten"]
    ok(run("subscribers", "release", "ada@example.org", "--reason", "signed up on paper"))
    ok(run("subscribers", "import", people))
    assert len(listed(run)) == 2


def test_i81_sends_by_hand_and_replays_are_noted_with_who_and_when(run: Commands) -> None:
    with SmtpServer({"RCPT": ["550 5.7.1 not now"]}) as server:
        (run.home / ".env").write_text(f"DIGESTBOT_SMTP_URL={server.url()}\n", encoding="utf-8")
        run.subscribe("mine", 'query = "the OR language"\n[[to]]\nchannel = "email"\naddress = "ada@example.org"\n')
        ok(run("ingest", *SAMPLES))
        assert run("send").code == 1
        ok(run("outbox", "retry", "email ada@example.org"))
        ok(run("send"))
        assert len(server.mails) == 1
    assert audited(run) == [("sent by hand", "mine"), ("replayed", "ada@example.org")]


@pytest.mark.parametrize("each_store", ["tinydb"], indirect=True)
def test_g70_many_rows_are_read_in_bounded_memory(run: Commands) -> None:
    """Ten times the rows, the last of them wrong: what is held at once stays the same."""
    import tracemalloc

    peaks = []
    for count in (100, 2_000, 20_000):
        rows = "".join(f"reader{n}@example.org,{'keyword' * 9} {n % 7},Reader {n}\n" for n in range(count))
        people = write(run, "people.csv", f"address,keywords,name\n{rows}last,x,x\n")
        tracemalloc.start()
        try:
            ran = run("subscribers", "import", people)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert f"people.csv:{count + 2}: address" in ran.err
    assert peaks[2] < peaks[1] + 300_000, peaks


@pytest.mark.slow
@pytest.mark.parametrize("each_store", ["postgres"], indirect=True)
def test_g70_a_million_rows_go_in_as_one_change_within_a_few_hundred_megabytes(run: Commands) -> None:
    import subprocess

    count = 1_000_000
    people = run.home / "people.csv"
    with people.open("w", encoding="utf-8") as file:
        file.write("address,keywords,name\n")
        file.writelines(f"reader{n}@example.org,keyword {n % 1000},Reader {n}\n" for n in range(count))
    code = (
        "import resource, sys\nfrom digestbot.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n"
        "    print(end.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    arguments = ["--home", str(run.home), "subscribers", "import", str(people)]
    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    *_, told, last = ran.stdout.splitlines()
    assert told == f"{count} added, 0 changed, 0 left out, 0 repeated"
    assert last.split()[0] == "0"
    assert int(last.split()[1]) < 400_000, last  # kilobytes

"""Rows 63, 67, 69, 71 and 72 as a whole run sees them: what is hostile stays text, stays out, or stops alone."""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
import time
from pathlib import Path

import pytest

from digestbot.model.papers import Paper
from digestbot.platform.clock import utc_now
from digestbot.store import open_store
from tests.delivery.kit import configure
from tests.servers.http import HttpServer, Reply
from tests.stories.commands import SAMPLES, Commands

HOSTILE = Paper(
    title="<!channel> <@U1> @everyone <@&1> @all @room <http://evil.example|arxiv.org> <script>alert(1)</script>",
    abstract="javascript:alert(1) {{ 7 * 7 }} {% include '/etc/passwd' %}",
    url="javascript:alert(1)",
)
FILE = '[[to]]\nchannel = "file"\npath = "out"\n'


def ingested(run: Commands, *papers: Paper) -> None:
    with open_store(os.environ.get("DIGESTBOT_STORE", "tinydb:data"), home=run.home) as store:
        store.register([path.stem for path in (run.home / "subscriptions").glob("*.toml")], now=utc_now())
        store.merge(papers, now=utc_now())


def test_g63_nobody_is_called_and_no_link_lies_in_any_chat(run: Commands, http_server: HttpServer) -> None:
    """What leaves for each vendor, body and fallback text alike, is taken off the wire."""
    kinds = ("slack", "discord", "mattermost", "teams")
    configure(run.home, **{f"TO_{kind.upper()}": http_server.url(f"/{kind}") for kind in kinds})
    http_server.script("/discord", Reply(200, body=b'{"id": "1"}'))
    tables = "".join(f'[[to]]\nchannel = "{kind}"\ndestination = "{kind}"\n' for kind in kinds)
    run.subscribe("all", f"keywords = ['everyone']\n{tables}")
    ingested(run, HOSTILE)
    run("send")
    posts = {each.path.strip("/").split("?")[0]: each.body.decode() for each in http_server.requests}
    assert set(posts) == set(kinds)
    assert not re.search(r"<!channel>|<@U1>|<http://evil", posts["slack"])
    assert json.loads(posts["discord"])["allowed_mentions"] == {"parse": []}
    assert not re.search(r"@(all|channel|here)\b", posts["mattermost"])
    assert "<at>" not in posts["teams"]


def test_g67_a_rule_that_would_never_end_ends_and_the_others_run(run: Commands) -> None:
    run.subscribe("hostile", f"query = '/(a+)+$/'\n{FILE}")
    run.subscribe("plain", f"keywords = ['aaa']\n{FILE}")
    ingested(run, Paper(title="aaa " + "a" * 5_000 + "!", url="https://x.example"))
    began = time.process_time()
    assert run("send").code == 0
    assert time.process_time() - began < 10


def test_g69_a_page_escapes_and_links_nowhere_but_to_the_web(run: Commands) -> None:
    run.subscribe("all", f"keywords = ['everyone']\n{FILE}")
    ingested(run, HOSTILE)
    run("send")
    (page,) = (run.home / "out").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "javascript:alert(1)" in text  # as text
    assert not re.search(r"""(?:href|src)\s*=\s*["']?\s*javascript:""", text, re.IGNORECASE)
    assert "{{ 7 * 7 }}" in text


@pytest.mark.parametrize("theme", ["../secrets", "/etc", "..", "a/../../secrets", "default/../../secrets"])
def test_g71_a_themes_name_leads_out_of_no_folder(run: Commands, theme: str) -> None:
    (run.home / "secrets").mkdir()
    (run.home / "secrets" / "digest.md").write_text("CANARY")
    run.subscribe("all", f"keywords = ['everyone']\n{FILE}theme = '{theme}'\n")
    ingested(run, HOSTILE)
    assert run("check").code == 2
    assert "CANARY" not in run("preview", "all", "--format", "html").out


def test_g71_a_template_reads_no_file_but_templates(run: Commands) -> None:
    folder = run.home / "templates" / "mine"
    folder.mkdir(parents=True)
    (run.home / "secret").write_text("CANARY")
    (folder / "digest.md").write_text("{% include '../../secret' %}")
    run.subscribe("all", f"keywords = ['everyone']\ntheme = 'mine'\n{FILE}")
    ingested(run, HOSTILE)
    ran = run("check")
    assert ran.code == 2
    assert "CANARY" not in ran.err + run("preview", "all", "--format", "html").out


def test_g71_an_archives_names_and_links_write_and_read_nothing(run: Commands, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_bytes(SAMPLES[0].read_bytes())
    with tarfile.open(tmp_path / "dump.tar", "w") as archive:
        link = tarfile.TarInfo("listing.txt")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.txt")
        archive.addfile(link)
        data = SAMPLES[1].read_bytes()
        up = tarfile.TarInfo("../../escaped.txt")
        up.size = len(data)
        archive.addfile(up, io.BytesIO(data))
    before = {str(path) for path in tmp_path.rglob("*") if "data" not in path.parts}
    ran = run("ingest", tmp_path / "dump.tar")
    assert {str(path) for path in tmp_path.rglob("*") if "data" not in path.parts} <= before | {str(run.home)}
    assert ran.out.count("found") <= 2
    assert "secret" not in ran.out


def test_g71_check_warns_of_settings_that_others_can_read(run: Commands) -> None:
    configure(run.home, TO_LAB="https://hooks.example.org/CANARY")
    run.subscribe("all", f"keywords = ['everyone']\n{FILE}")
    (run.home / ".env").chmod(0o644)
    ran = run("check")
    assert (ran.code, f"chmod 600 {run.home / '.env'}" in ran.err) == (0, True)
    (run.home / ".env").chmod(0o600)
    assert "chmod" not in run("check").err


def test_g72_what_is_kept_is_the_owners_alone_and_nothing_of_it_pickled(run: Commands) -> None:
    """Under the usual umask, whoever made a file: the store, the memory of sources, orders, marks."""
    before = os.umask(0o022)
    try:
        assert run("init", run.home).code == 0
        run.subscribe("all", f"keywords = ['the']\n{FILE}")
        (run.home / "sources.toml").write_text('[drop]\nkind = "folder"\npath = "gone"\n')
        for command in (["ingest"], ["ingest", *SAMPLES], ["send"], ["outbox", "list"]):
            run(*command)
    finally:
        os.umask(before)
    assert (run.home / ".env").stat().st_mode & 0o077 == 0
    kept = [run.home / "data", *(run.home / "data").rglob("*")]
    assert {str(path): oct(path.stat().st_mode & 0o077) for path in kept if path.stat().st_mode & 0o077} == {}
    pickles = re.compile(rb"\A\x80[\x02-\x05]|c__builtin__|cposix\n|capscheduler")
    assert [path for path in kept if path.is_file() and pickles.search(path.read_bytes())] == []

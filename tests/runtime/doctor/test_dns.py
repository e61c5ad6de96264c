"""Row 80: what the doctor asks of name servers, over the wire, and what their silence and refusals come to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping

import pytest

from digestbot.runtime.doctor import dns as asking
from digestbot.runtime.doctor.base import NoAnswer
from digestbot.runtime.doctor.dns import lookup

dns_message = pytest.importorskip("dns.message", reason="the extra digestbot[doctor] is not installed")
dns_rcode = pytest.importorskip("dns.rcode")
dns_resolver = pytest.importorskip("dns.resolver")
dns_rrset = pytest.importorskip("dns.rrset")

RECORDS: Mapping[str, tuple[str, ...]] = {
    "lab.example.": ('600 IN TXT "v=spf1 include:mail.example " "-all"', '600 IN TXT "other"'),
    "odd.example.": (r'600 IN TXT "caf\195\169 \255"',),
    "alias.example.": ("600 IN CNAME lab.example.",),
    "mail.example.": ("600 IN A 192.0.2.1",),
}
REFUSALS = {"broken.example.": "SERVFAIL", "shut.example.": "REFUSED"}


class NameServer(socketserver.BaseRequestHandler):
    """Answers from RECORDS, refuses by REFUSALS, knows no other name, and is silent about `silent.example`."""

    def handle(self) -> None:
        data, sock = self.request
        query = dns_message.from_wire(data)
        answer = dns_message.make_response(query)
        name = query.question[0].name.to_text()
        if name == "silent.example.":
            return
        if name in REFUSALS:
            answer.set_rcode(dns_rcode.from_text(REFUSALS[name]))
        elif name not in RECORDS:
            answer.set_rcode(dns_rcode.NXDOMAIN)
        if name == "alias.example.":
            answer.answer.append(dns_rrset.from_text(name, *RECORDS[name][0].split(" ", 3)))
            name = "lab.example."
        found = [each.split(" ", 3) for each in RECORDS.get(name, ()) if " TXT " in each]
        if found:
            answer.answer.append(dns_rrset.from_text(name, 600, "IN", "TXT", *(each[3] for each in found)))
        sock.sendto(answer.to_wire(), self.client_address)


@pytest.fixture(autouse=True)
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), NameServer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        resolver = dns_resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        monkeypatch.setattr(dns_resolver, "default_resolver", resolver)
        yield
        server.shutdown()
        thread.join()


def test_row_80_records_come_whole_also_by_another_name() -> None:
    expected = ["v=spf1 include:mail.example -all", "other"]
    assert sorted(lookup("lab.example", "TXT"), reverse=True) == expected
    assert sorted(lookup("alias.example", "TXT"), reverse=True) == expected
    assert lookup("odd.example", "TXT") == ["café \ufffd"]


@pytest.mark.parametrize("name", ["nobody.example", "mail.example"])
def test_row_80_no_such_name_and_no_such_record_are_no_records(name: str) -> None:
    assert lookup(name, "TXT") == []


@pytest.mark.parametrize("name", ["broken.example", "shut.example", "silent.example", "a" * 64 + ".example"])
def test_row_80_refusals_and_silence_are_no_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_PATIENCE", 1.0)
    with pytest.raises(NoAnswer):
        lookup(name, "TXT")

"""Google Scholar's alerts: a mail, many in a mailbox, forwarded ones, and the HTML alone."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from tests.readers.kit import understand

REDIRECT = "https://scholar.google.com/scholar_url?url={}&amp;hl=en&amp;sa=X&amp;d=1"
PAGE = f"""<!doctype html><html><body>
<h3 style="font-size:17px"><span>[PDF]</span> <a href="{REDIRECT.format("https://arxiv.org/pdf/2401.00020")}"
 class="gse_alrt_title">Large <b>language models</b> &amp; more</a></h3>
<div style="color:#006621">J Doe, R Roe… - arXiv preprint arXiv:2401.00020, 2024</div>
<div class="gse_alrt_sni">We study <br>möre …</div>
<div><a href="https://scholar.google.com/citations?x=1">Save</a></div>
<h3><a href="{REDIRECT.format("https://www.biorxiv.org/content/10.1101/2024.01.02.573943v1.full.pdf")}"
>[HTML] Second</a></h3>
<div>A Bo - bioRxiv, 2024</div>
<p>This message was sent by Google Scholar. <a href="https://scholar.google.com/scholar_alerts">List alerts</a></p>
</body></html>"""


def mail(page: str = PAGE, encoding: str = "quoted-printable") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Google Scholar Alerts <scholaralerts-noreply@google.com>"
    message["Subject"] = '"language models" - new results'
    message["Date"] = "Fri, 05 Jan 2024 08:00:00 -0800"
    message.set_content(page, subtype="html", cte=encoding)
    return message


@pytest.mark.parametrize("data", [mail().as_bytes(), mail(encoding="base64").as_bytes(), PAGE.encode()])
def test_titles_authors_and_where_the_links_lead_are_read(data: bytes) -> None:
    first, second = understand(data, "alert.eml").papers
    assert (first.title, first.abstract) == ("Large language models & more", "We study möre …")
    assert (first.authors, first.url) == (("J Doe", "R Roe"), "https://arxiv.org/pdf/2401.00020")
    assert dict(first.ids) == {"arxiv": "2401.00020"}
    assert (second.title, second.abstract, second.authors) == ("Second", None, ("A Bo",))
    assert dict(second.ids) == {"doi": "10.1101/2024.01.02.573943"}


def test_the_mails_date_is_the_listings() -> None:
    assert understand(mail().as_bytes(), "alert.eml").listed_on == "Fri, 05 Jan 2024 08:00:00 -0800"


def test_a_mailbox_of_alerts_and_forwarded_ones_is_read() -> None:
    forward = EmailMessage()
    forward["From"] = "ada@example.org"
    forward["Subject"] = "Fwd"
    forward.set_content("see below")
    forward.add_attachment(mail())
    mark = b"From MAILER Fri Jan  5 08:00:00 2024\n"
    box = mark + mail().as_bytes() + b"\n" + mark + forward.as_bytes() + b"\n"
    assert len(understand(box, "alerts.mbox").papers) == 4


def test_an_alert_without_entries_is_no_failure() -> None:
    listing = understand(mail("<html><body><p>Your alert was created.</p></body></html>").as_bytes(), "alert.eml")
    assert (list(listing.papers), "the mail lists no papers" in listing.notes) == ([], True)

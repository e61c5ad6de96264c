"""E-mail, by the mail server in DIGESTBOT_SMTP_URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digestbot.channels.spec import ByName, ChannelSpec, Notice, Option, Reach
from digestbot.model.deliveries import Part

if TYPE_CHECKING:
    from digestbot.channels.base import Channel
    from digestbot.channels.settings import ChannelSettings
    from digestbot.rendering.base import Renderer
    from digestbot.rendering.templating import Templates


def _open(settings: ChannelSettings) -> Channel:
    from digestbot.channels.email.transport import EmailChannel

    return EmailChannel(settings)


def _renderer(templates: Templates, by_name: ByName) -> Renderer:
    from digestbot.channels.email.renderer import MailRenderer

    return MailRenderer(templates)


def _notice(notice: Notice) -> Part:
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import parseaddr

    mail = EmailMessage(SMTP)
    mail["From"], mail["To"], mail["Subject"] = notice.sender, notice.to.options.get("address", ""), notice.subject
    mail["Message-ID"] = f"<{notice.key}@{parseaddr(notice.sender)[1].rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{notice.text}\n", cte="quoted-printable")
    return Part("notice.eml", "message/rfc822", mail.as_bytes())


SPEC = ChannelSpec(
    kind="email",
    title="e-mail",
    note="text and HTML under 100 KB; STARTTLS never silently dropped; DKIM with the extra `dkim`",
    reach=Reach.MAIL,
    options=(Option("address", r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(\.[^@\s<>,;\".]+)*", 'write "ada@example.org"'),),
    open=_open,
    renderer=_renderer,
    notice=_notice,
)

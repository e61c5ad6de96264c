"""Reports as mail systems write them, about a digest that was really made: Postfix, Exim, Exchange, Gmail, qmail."""

from __future__ import annotations

import re

ABSTRACT = "We study why mail fails with 5.1.1 User unknown and 550 5.1.2 no such host, on <eve@example.org>."


def original(sender: str = "digest@example.org", to: str = "ada@example.org", *, mark: str = "") -> str:
    """A digest as it was sent, its abstract full of what a careless reader takes for failures."""
    header = f"X-Digestbot-Delivery: {mark}\n" if mark else ""
    return (
        f"Return-Path: <{sender}>\nFrom: Paper digest <digest@example.org>\nTo: {to}\n"
        f"Subject: 3 papers\nMessage-ID: <0123@example.org>\n{header}"
        f"Content-Type: text/plain; charset=utf-8\n\n{ABSTRACT}\nFinal-Recipient: rfc822; eve@example.org\n"
        "Action: failed\nStatus: 5.1.1\n"
    )


def postfix(
    returned: str,
    *,
    to: str = "digest@example.org",
    recipients: str = "",
    status: str = "5.1.1",
    action: str = "failed",
    words: str = "550 5.1.1 <ada@example.org>: Recipient address rejected: User unknown",
    final: str = "ada@example.org",
    orig: str = "ada@example.org",
) -> bytes:
    first = f"Original-Recipient: rfc822;{orig}\n" if orig else ""
    recipients = recipients or (
        f"Final-Recipient: rfc822; {final}\n{first}Action: {action}\nStatus: {status}\n"
        f"Remote-MTA: dns; mx.example.org\nDiagnostic-Code: smtp; {words}\n"
    )
    return _wire(
        f"Return-Path: <>\nDelivered-To: {to}\nFrom: MAILER-DAEMON@mail.example.net (Mail Delivery System)\n"
        f"Subject: Undelivered Mail Returned to Sender\nTo: {to}\nAuto-Submitted: auto-replied\n"
        "Message-Id: <report-1@mail.example.net>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B/1"\n\n'
        "This is a MIME-encapsulated message.\n\n--B/1\nContent-Description: Notification\n"
        "Content-Type: text/plain; charset=us-ascii\n\nThis is the mail system at host mail.example.net.\n\n"
        "--B/1\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mail.example.net\nX-Postfix-Queue-ID: 4AbC\n"
        "Arrival-Date: Mon,  2 Mar 2026 08:00:00 +0000 (UTC)\n\n"
        f"{recipients}\n--B/1\nContent-Description: Undelivered Message\nContent-Type: message/rfc822\n\n"
        f"{returned}\n--B/1--\n"
    )


def exim(returned: str) -> bytes:
    return _wire(
        "Return-path: <>\nX-Failed-Recipients: ada@example.org\nAuto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\nTo: digest@example.org\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=1614672000-eximdsn-1\n"
        "MIME-Version: 1.0\nSubject: Mail delivery failed: returning message to sender\n\n"
        "--1614672000-eximdsn-1\nContent-type: text/plain; charset=us-ascii\n\n"
        "This message was created automatically by mail delivery software.\n\n"
        "--1614672000-eximdsn-1\nContent-type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.net\n\nAction: failed\nFinal-Recipient: rfc822;ada@example.org\n"
        "Status: 5.0.0\nRemote-MTA: dns; mx.example.org\n"
        "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n"
        " 550 5.1.1 Please try double-checking the address\n\n"
        "--1614672000-eximdsn-1\nContent-type: message/rfc822\n\n"
        f"{returned}\n--1614672000-eximdsn-1--\n"
    )


def old_exim(returned: str) -> bytes:
    return _wire(
        "X-Failed-Recipients: ada@example.org\nAuto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\nTo: digest@example.org\n"
        "Subject: Mail delivery failed: returning message to sender\n\n"
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\nrecipients. "
        "This is a permanent error. The following address(es) failed:\n\n"
        "  ada@example.org\n    host mx.example.org [192.0.2.7]\n"
        "    SMTP error from remote mail server after RCPT TO:<ada@example.org>:\n    550 5.1.1 User unknown\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{returned}"
    )


def exchange(returned: str) -> bytes:
    return _wire(
        "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example.com>\n"
        "To: <digest@example.org>\nDate: Mon, 2 Mar 2026 08:00:05 +0000\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="f403045f"\n'
        "Content-Language: en-US\nX-MS-Exchange-Message-Is-Ndr: \nMessage-ID: <ndr@corp.example.com>\n"
        "In-Reply-To: <0123@example.org>\nSubject: Undeliverable: 3 papers\nAuto-Submitted: auto-replied\n\n"
        '--f403045f\nContent-Type: multipart/alternative; differences=Content-Type; boundary="alt"\n\n'
        '--alt\nContent-Type: text/plain; charset="us-ascii"\n\n'
        "Your message to ada@example.org couldn't be delivered.\n"
        '--alt\nContent-Type: text/html; charset="us-ascii"\n\n<p>couldn&#39;t be delivered</p>\n--alt--\n\n'
        "--f403045f\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns;DB7PR01MB1234.prod.exchangelabs.com\nReceived-From-MTA: dns;mail.example.net\n"
        "Arrival-Date: Mon, 2 Mar 2026 08:00:02 +0000\n\n"
        "Final-Recipient: rfc822;ada@example.org\nAction: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address\n"
        " lookup\n\n"
        f"--f403045f\nContent-Type: message/rfc822\n\n{returned}\n--f403045f--\n"
    )


def gmail(returned: str) -> bytes:
    headers = returned.partition("\n\n")[0]
    return _wire(
        "Return-Path: <>\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: digest@example.org\n"
        "Auto-Submitted: auto-replied\nSubject: Delivery Status Notification (Failure)\n"
        "X-Failed-Recipients: ada@example.org\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; boundary="0000000000000"; report-type=delivery-status\n\n'
        '--0000000000000\nContent-Type: multipart/related; boundary="1"\n\n--1\n'
        'Content-Type: text/plain; charset="UTF-8"\n'
        "\n** Address not found **\n\n--1--\n--0000000000000\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; googlemail.com\nArrival-Date: Mon, 02 Mar 2026 00:00:02 -0800 (PST)\n"
        "X-Original-Message-ID: <0123@example.org>\n\nFinal-Recipient: rfc822; ada@example.org\nAction: failed\n"
        "Status: 5.1.1\nRemote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.1, the server for the domain.)\n"
        "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n"
        "Last-Attempt-Date: Mon, 02 Mar 2026 00:00:03 -0800 (PST)\n\n"
        f"--0000000000000\nContent-Type: text/rfc822-headers\n\n{headers}\n\n--0000000000000--\n"
    )


def qmail(returned: str) -> bytes:
    return _wire(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: digest@example.org\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.net.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<ada@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\n{returned}"
    )


def complaint(returned: str, kind: str = "abuse") -> bytes:
    return _wire(
        "From: <feedback@provider.example>\nTo: <digest@example.org>\nSubject: FW: 3 papers\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="part1"\n\n'
        "--part1\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        "--part1\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
        f"Original-Rcpt-To: <redacted@provider.example>\n\n"
        f"--part1\nContent-Type: message/rfc822\nContent-Disposition: inline\n\n{returned}\n--part1--\n"
    )


def away(to: str, returned: str) -> bytes:
    return _wire(
        f"Return-Path: <>\nFrom: Ada <ada@example.org>\nTo: {to}\nSubject: Out of office: 3 papers\n"
        "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n\n"
        f"I am away. Mail to bob@example.org, as 550 5.1.1 User unknown says of others.\n\n> {returned}"
    )


def _wire(text: str) -> bytes:
    return re.sub("\r?\n", "\r\n", text).encode()

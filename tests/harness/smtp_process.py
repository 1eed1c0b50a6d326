"""A real mail server: aiosmtpd, which takes letters, refuses, puts off and drops lines as it is told.

What it is told comes on standard input, what it does goes to standard output, each as one JSON object a line.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(**what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


class Orders:
    """What it was told to do."""

    def __init__(self):
        self.refused = {}  # address -> answer to RCPT
        self.greylists = False
        self.seen = set()  # (sender, recipient) that has been put off
        self.cuts = 0  # so many letters are cut off in the middle of their data
        self.loses = 0  # so many are taken, and the line is dropped before that is said

    def take(self, order):
        match order["do"]:
            case "refuse":
                self.refused[order["address"]] = order["answer"]
            case "accept":
                self.refused.pop(order["address"], None)
            case "greylist":
                self.greylists = True
            case "cut":
                self.cuts += order["letters"]
            case "lose":
                self.loses += order["letters"]
            case other:
                raise ValueError(other)
        say(ordered=order["do"])


class Handler:
    def __init__(self, orders):
        self.orders = orders

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.orders.refused.get(address)
        pair = (envelope.mail_from, address)
        if answer is None and self.orders.greylists and pair not in self.orders.seen:
            self.orders.seen.add(pair)
            answer = "451 4.7.1 come again later"
        if answer is not None:
            say(refused=address, answer=answer)
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in letter.walk() if not part.is_multipart()}
        say(
            took=letter["message-id"],
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            subject=letter["subject"],
            text=parts.get("text/plain", ""),
            html=parts.get("text/html", ""),
            headers={name.lower(): str(value) for name, value in letter.items()},
            tls=session.ssl is not None,
            user=session.auth_data,
        )
        if self.orders.loses:
            self.orders.loses -= 1
            say(lost=letter["message-id"])
            server.transport.abort()
        return "250 queued"


class Server(SMTP):
    async def smtp_DATA(self, argument):
        orders = self.event_handler.orders
        # Before RCPT it is refused as ever.
        if not (orders.cuts and self.envelope.rcpt_tos):
            return await super().smtp_DATA(argument)
        orders.cuts -= 1
        await self.push("354 go on")
        await self._reader.readline()
        say(cut=self.envelope.rcpt_tos)
        self.transport.abort()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--port", type=int, default=0)
    known = parser.parse_args()
    orders = Orders()
    context = None
    if known.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(known.certificate, known.key)

    def authenticate(server, session, envelope, mechanism, data):
        wanted = LoginPassword(known.user.encode(), known.password.encode()) if known.user else None
        is_right = isinstance(data, LoginPassword) and data == wanted
        if not is_right:
            say(stranger=mechanism)
        return AuthResult(success=is_right, handled=False, auth_data=known.user if is_right else None)

    def server():
        return Server(
            Handler(orders),
            hostname="mail.example",
            tls_context=context,
            require_starttls=context is not None,
            auth_required=known.user is not None,
            auth_require_tls=context is not None,
            authenticator=authenticate,
        )

    loop = asyncio.get_running_loop()
    # Others may have just left the port that is asked for again.
    listening = await loop.create_server(server, "127.0.0.1", known.port, reuse_address=True, backlog=1024)
    say(port=listening.sockets[0].getsockname()[1])
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    while line := await told.readline():
        orders.take(json.loads(line))


asyncio.run(main())

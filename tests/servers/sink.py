"""An SMTP server that takes everything and keeps nothing, for benchmarks: ``python -m tests.servers.sink [SECONDS]``.

It prints its port. With SECONDS its yes to each message comes so much later, as from far away. Postfix's smtp-sink
does the same where it is installed.
"""

from __future__ import annotations

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 and __name__ == "__main__" else 0.0


class Sink(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""
        self.in_data = False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            piece, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            taken, answer = self.in_data, self._answer(piece)
            if taken and DELAY:
                asyncio.get_running_loop().call_later(DELAY, self.transport.write, answer)
            else:
                self.transport.write(answer)

    def _answer(self, piece: bytes) -> bytes:
        if self.in_data:
            self.in_data = False
            return b"250 2.0.0 taken\r\n"
        verb = piece[:4].upper()
        if verb == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        if verb == b"DATA":
            self.in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.transport.close()
            return b"221 bye\r\n"
        return b"250 2.0.0 ok\r\n"


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())

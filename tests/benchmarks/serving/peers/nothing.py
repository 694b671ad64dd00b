"""The least that a server in Python can do: parse the request, answer the same bytes again."""

import asyncio
import sys

import httptools
import uvloop

BODY = b'{"predictions":[{"prediction":false,"probabilities":{"false":0.88,"true":0.12}}]}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"


class Nothing(asyncio.Protocol):
    def connection_made(self, transport):
        self.write = transport.write
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data):
        self.parser.feed_data(data)

    def on_message_complete(self):
        self.write(ANSWER % (len(BODY), BODY))


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Nothing, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


uvloop.run(main())

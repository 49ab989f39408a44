"""An echo server on `websockets`: server.py PORT [CERTIFICATE KEY]"""

import asyncio
import ssl
import sys

from websockets.asyncio.server import ServerConnection, serve


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def main(port: int, *certificate_and_key: str) -> None:
    context = None
    if certificate_and_key:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate_and_key)
    # The limit is 1 MiB unless it is set; permessage-deflate is on.
    async with serve(echo, "127.0.0.1", port, max_size=64 * 1024 * 1024, ssl=context) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))

"""An echo server on `aiohttp`: server.py PORT [CERTIFICATE KEY]"""

import ssl
import sys

from aiohttp import WSMsgType, web


async def echo(request: web.Request) -> web.WebSocketResponse:
    # The limit is 4 MiB unless it is set; permessage-deflate is on.
    socket = web.WebSocketResponse(max_msg_size=64 * 1024 * 1024)
    await socket.prepare(request)
    async for message in socket:
        if message.type == WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


def main(port: int, *certificate_and_key: str) -> None:
    context = None
    if certificate_and_key:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate_and_key)
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", echo)])
    web.run_app(app, host="127.0.0.1", port=port, ssl_context=context, print=None)


main(int(sys.argv[1]), *sys.argv[2:])

"""The client of `websockets` under Autobahn's protocol: client.py URL AGENT [CERTIFICATE]"""

import asyncio
import ssl
import sys
from contextlib import suppress
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException


async def main(url: str, agent: str, *certificate: str) -> None:
    context = ssl.create_default_context(cafile=certificate[0]) if certificate else None

    async def echo(resource: str) -> None:
        # The limit is 1 MiB unless it is set; permessage-deflate is on.
        async with connect(url + resource, max_size=64 * 1024 * 1024, ssl=context) as connection:
            async for message in connection:
                await connection.send(message)

    async with connect(url + "getCaseCount", ssl=context) as connection:
        count = int(await connection.recv())
    for number in range(1, count + 1):
        try:
            await echo(f"runCase?case={number}&agent={quote(agent)}")
        except (OSError, WebSocketException):
            pass  # a case that ends badly; the harness knows
    with suppress(WebSocketException):  # kosoku ends this connection without a Close
        await echo(f"updateReports?agent={quote(agent)}")


asyncio.run(main(*sys.argv[1:]))

#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: what Autobahn's cases send and the RFCs' examples, as small
files. Each starts with the settings that its target takes from its input (see fuzz_input.hpp and the
targets); the same files come out every time.

    make_seeds.py [CORPUS]
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path

FUZZ = Path(__file__).resolve().parent

# FIN, the three reserved bits, the opcode and the payload in hex of each frame that a case sends;
# long payloads are shortened.
Sends = list[tuple[bool, int, int, str]]
AUTOBAHN: dict[str, Sends] = json.loads((FUZZ / "autobahn_frames.json").read_text())

KEY = bytes.fromhex("37fa213d")
WHOLE = b"\x00"  # no cuts
BYTE_BY_BYTE = b"\x01\x00"
UNEVEN = b"\x02\x01\x04"  # reads of 2 and 5 bytes in turn

Seeds = dict[str, bytes]


def encode_frame(fin: bool, rsv: int, opcode: int, payload: bytes, masked: bool) -> bytes:
    length = len(payload)
    mask = 0x80 if masked else 0
    first = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if length < 126:
        header = first + bytes([mask | length])
    elif length < 65536:
        header = first + bytes([mask | 126]) + length.to_bytes(2, "big")
    else:
        header = first + bytes([mask | 127]) + length.to_bytes(8, "big")
    if not masked:
        return header + payload
    return header + KEY + bytes(byte ^ KEY[i % 4] for i, byte in enumerate(payload))


def encode_sends(sends: Sends, masked: bool) -> bytes:
    return b"".join(encode_frame(fin, rsv, opcode, bytes.fromhex(payload), masked)
                    for fin, rsv, opcode, payload in sends)


def compress(message: bytes, bits: int = 15, level: int = 9,
             strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    deflater = zlib.compressobj(level, zlib.DEFLATED, -bits, 8, strategy)
    return (deflater.compress(message) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


def some_cases(utf8_step: int) -> dict[str, Sends]:
    """All cases but those of section 6, of which there are many alike: every `utf8_step`th."""
    utf8 = [case for case in AUTOBAHN if case.startswith("6.")]
    left_out = set(utf8) - set(utf8[::utf8_step])
    return {case: sends for case, sends in AUTOBAHN.items() if case not in left_out}


LENGTHS = {  # headers, right and wrong, of each length form; sent by a server
    "length-125": "827d", "length-126": "827e007e", "length-65535": "827effff",
    "length-65536": "827f0000000000010000", "length-2-to-63-less-1": "827f7fffffffffffffff",
    "length-top-bit": "827f8000000000000000", "length-16-not-minimal": "827e007d",
    "length-64-not-minimal": "827f000000000000ffff", "ends-after-one-byte": "82",
    "ends-inside-length": "827f0000",
}
RFC6455_5_7 = {  # section 5.7, unmasked by a server
    "rfc6455-5.7-text": "810548656c6c6f", "rfc6455-5.7-fragments": "010348656c80026c6f",
    "rfc6455-5.7-ping": "890548656c6c6f", "rfc6455-5.7-pong": "8a0548656c6c6f",
}
RFC7692_7_2_3 = {
    "rfc7692-7.2.3.1": ["f248cdc9c90700"],
    "rfc7692-7.2.3.2": ["f248cdc9c90700", "f200110000"],
    "rfc7692-7.2.3.3": ["000500faff48656c6c6f00"],
    "rfc7692-7.2.3.4": ["f348cdc9c9070000"],
    "rfc7692-7.2.3.5": ["f248050000 00ffffcac9c90700"],
    "rfc7692-7.2.3.6": ["00"],
}


def frame_decoder_seeds() -> Seeds:
    from_client, from_server, rsv1, limited, part_by_part = 0, 1, 2, 4, 8
    seeds = {}
    for number, (case, sends) in enumerate(some_cases(10).items()):
        cuts = (WHOLE, BYTE_BY_BYTE, UNEVEN)[number % 3]
        flags = (from_client, from_server | rsv1, from_client | rsv1 | part_by_part,
                 from_server | limited)[number % 4]
        seeds[f"autobahn-{case}"] = bytes([flags]) + cuts + encode_sends(sends, flags % 2 == 0)
    for name, frames in {**LENGTHS, **RFC6455_5_7}.items():
        seeds[name] = bytes([from_server | part_by_part]) + UNEVEN + bytes.fromhex(frames)
    seeds["rfc6455-5.7-masked"] = bytes([from_client]) + UNEVEN + encode_frame(
        True, 0, 1, b"Hello", True)
    return seeds


def utf8_seeds() -> Seeds:
    seeds = {}
    texts = {}
    for case, sends in AUTOBAHN.items():
        if case.startswith(("6.", "7.5")):
            texts.setdefault(b"".join(bytes.fromhex(payload) for *_, payload in sends), case)
    for number, (text, case) in enumerate(texts.items()):
        seeds[f"autobahn-{case}"] = (WHOLE, BYTE_BY_BYTE, UNEVEN)[number % 3] + text
    # The same with valid text around it, as the target puts it there: 3 bytes for each of two counts.
    around = ((0, 12), (8, 8), (16, 14), (32, 0), (40, 40), (72, 8), (128, 64), (4, 250), (250, 4))
    wrong = (b"\xf0\x9f\x98", b"\xed\xb0\x80", b"\xe0\x9f\xbf", b"\xc3", b"\x80", b"\xf4\x90")
    for number, (before, behind) in enumerate(around):
        for cuts in (b"\x80", b"\x82\x3f\x04"):
            seeds[f"surrounded-{before}-{behind}-{len(cuts)}"] = (
                cuts + bytes([(0, 64, 135, 255)[number % 4], before, behind]) +
                wrong[number % len(wrong)])
    return seeds


def masking_seeds() -> Seeds:
    seeds = {}
    for number, size in enumerate((0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 129)):
        offset = (0, 1, 2, 3, 2**62)[number % 5]
        seeds[f"size-{size}"] = ((WHOLE, UNEVEN)[number % 2] + bytes([number]) +
                                 (2 * offset).to_bytes(8, "big") + KEY + bytes(range(size)))
    for number, size in enumerate((0, 1, 30, 63)):  # and 448 more
        seeds[f"longer-{size}"] = ((WHOLE, b"\x01\xff")[number % 2] + bytes([192 + 17 * number]) +
                                   bytes(8) + KEY + bytes(range(size)))
    return seeds


REQUEST = {
    "Host": "server.example.com", "Upgrade": "websocket", "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://example.com",
    "Sec-WebSocket-Protocol": "chat, superchat", "Sec-WebSocket-Version": "13",
}
RESPONSE = {
    "Upgrade": "websocket", "Connection": "Upgrade",
    "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol": "chat",
}


def head(start_line: str, fields: dict[str, str]) -> bytes:
    lines = [start_line, *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def request_heads() -> Seeds:
    line = "GET /chat HTTP/1.1"
    heads = {
        "rfc6455-1.2": head(line, REQUEST),
        "autobahn": head("GET / HTTP/1.1", {
            "User-Agent": "AutobahnTestSuite/25.10.1-0.10.9", "Host": "127.0.0.1:9001",
            "Upgrade": "WebSocket", "Connection": "Upgrade", "Pragma": "no-cache",
            "Cache-Control": "no-cache", "Sec-WebSocket-Key": "6Jg6QqGYhJ9d0rnSbSk7Iw==",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_no_context_takeover; "
                                        "client_max_window_bits",
            "Sec-WebSocket-Version": "13"}),
        "browser": head("GET /?a=b|c HTTP/1.1", {
            **REQUEST, "Connection": "keep-alive, Upgrade", "Accept-Encoding": "gzip, deflate, br",
            "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
            "Cookie": "a=b; c=d"}),
        "absolute-form": head("GET http://server.example.com/chat HTTP/1.1", REQUEST),
        "version-8": head(line, {**REQUEST, "Sec-WebSocket-Version": "8"}),
        "http-1.0": head("GET /chat HTTP/1.0", REQUEST),
        "post": head("POST /chat HTTP/1.1", {**REQUEST, "Content-Length": "1"}) + b"x",
        "bare-lf": head(line, REQUEST).replace(b"\r\n", b"\n"),
        "bare-cr": head(line, REQUEST).replace(b"\r\n", b"\r"),
        "folded": head(line, {**REQUEST, "A": "b\r\n c"}),
        "tabs-around-value": head(line, {**REQUEST, "A": "\tb\t \t"}),
        "white-space-before-colon": head(line, {**REQUEST, "A ": "b"}),
        "empty-lines-first": b"\r\n\r\n" + head(line, REQUEST),
        "frame-behind": head(line, REQUEST) + encode_frame(True, 0, 1, b"Hello", True),
        "bytes-beyond-ascii": head(line, {**REQUEST, "A": "\xe9"}),
        "not-http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    }
    for name in REQUEST:
        rest = {key: value for key, value in REQUEST.items() if key != name}
        heads[f"without-{name.lower()}"] = head(line, rest)
        heads[f"twice-{name.lower()}"] = head(
            line, {**REQUEST, name.upper(): REQUEST[name]})
    return heads


def response_heads() -> Seeds:
    line = "HTTP/1.1 101 Switching Protocols"
    heads = {
        "rfc6455-1.2": head(line, RESPONSE),
        "deflate": head(line, {**RESPONSE, "Sec-WebSocket-Extensions":
                               "permessage-deflate; server_no_context_takeover"}),
        "tabs-around-value": head(line, {**RESPONSE, "A": "\tb\t \t"}),
        "no-reason": head("HTTP/1.1 101", RESPONSE),
        "empty-reason": head("HTTP/1.1 101 ", RESPONSE),
        "interim-first": head("HTTP/1.1 103 Early Hints", {"Link": "</>"}) + head(line, RESPONSE),
        "redirect": head("HTTP/1.1 302 Found", {"Location": "/elsewhere"}),
        "unauthorized": head("HTTP/1.1 401 Unauthorized", {"WWW-Authenticate": "Basic"}),
        "extension-not-offered": head(line, {**RESPONSE, "Sec-WebSocket-Extensions": "bar"}),
        "subprotocol-not-offered": head(line, {**RESPONSE, "Sec-WebSocket-Protocol": "soap"}),
        "accept-wrong": head(line, {**RESPONSE, "Sec-WebSocket-Accept": "AAAA"}),
        "frame-behind": head(line, RESPONSE) + encode_frame(True, 0, 1, b"Hello", False),
        "bare-lf": head(line, RESPONSE).replace(b"\r\n", b"\n"),
        "http-1.0": head("HTTP/1.0 101 Switching Protocols", RESPONSE),
        "status-600": head("HTTP/1.1 600 Big", RESPONSE),
    }
    for name in RESPONSE:
        rest = {key: value for key, value in RESPONSE.items() if key != name}
        heads[f"without-{name.lower()}"] = head(line, rest)
        heads[f"twice-{name.lower()}"] = head(
            line, {**RESPONSE, name.upper(): RESPONSE[name]})
    return heads


def long_heads(line: str, fields: dict[str, str]) -> Seeds:
    """As many lines as limits and tables have room for, and one more, and lists in several lines."""
    heads = {f"fields-{count}": head(line, {**{f"a{i}": "" for i in range(count - len(fields))},
                                            **fields})
             for count in (30, 31, 32, 33, 101)}
    for count in (3, 4):  # the smallest limit, and beyond it
        heads[f"{count}-short-fields"] = head(line, {name: "" for name in "abcd"[:count]})
    heads["total-100"] = head(line[:30], {"a": (100 - len(head(line[:30], {"a": ""}))) * "b"})
    for name, other in {"connection": "keep-alive, x", "upgrade": "h2c"}.items():
        heads[f"{name}-of-two-lines-last"] = head(line, {name: other, **fields})
        heads[f"{name}-of-two-lines-first"] = head(line, {**fields, name.upper(): other})
    heads["extensions-of-two-lines"] = head(
        line, {**fields, "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
               "SEC-WEBSOCKET-EXTENSIONS": "foo; a=b"})
    lists = {"few": "a, b, c", "few-alike": "a, b, a", "nine": "a, b, c, d, e, f, g, h, i",
             "nine-alike": "a, b, c, d, e, f, g, h, a", "empty": ", ,", "no-token": "a b"}
    for name, value in lists.items():
        heads[f"subprotocols-{name}"] = head(line, {**fields, "Sec-WebSocket-Protocol": value})
    heads["body"] = head(line, {**fields, "Transfer-Encoding": "chunked"})
    heads["empty-body"] = head(line, {**fields, "Content-Length": "0"})
    heads["version-130"] = head(line, {**fields, "Sec-WebSocket-Version": "130"})
    return heads


def accept_seeds() -> Seeds:
    """Texts to be keys, whose blocks end at each side of what the padding needs."""
    return {f"key-of-{size}": b"\xff" + bytes(i % 10 + 48 for i in range(size))
            for size in (0, 18, 19, 20, 24, 27, 28, 92, 156)}


def head_seeds(heads: Seeds, more: Seeds) -> Seeds:
    """Each head with the usual limits, and some with small ones or for another variant; and `more`
    with limits that are near."""
    seeds = {}
    for number, (name, text) in enumerate(heads.items()):
        cuts = (WHOLE, BYTE_BY_BYTE, UNEVEN)[number % 3]
        seeds[name] = b"\x00" + cuts + text
        if number % 5 == 0:
            seeds[f"{name}-small-limits"] = b"\x01" + cuts + text
        if number % 5 == 1:
            seeds[f"{name}-other-variant"] = bytes([2 + number // 5 % 3 * 2]) + cuts + text
    for number, (name, text) in enumerate(more.items()):
        is_short = "short" in name or name.startswith("total")
        flags = 1 if is_short else (0, 1 + 2 * 8, 2, 1 + 8, 4)[number % 5]
        seeds[name] = bytes([flags]) + (WHOLE, WHOLE, UNEVEN)[number % 3] + text
    return seeds


EXTENSION_LISTS = (
    "foo", "bar; baz=2", 'foo, bar; baz="2"; qux', "foo,bar;;baz", ",foo,,bar,", 'a;b="\\c"', 'a;b="',
    "a;b=\"c d\"", "a b", "permessage-deflate", "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=010",
    "permessage-deflate; client_max_window_bits=16", "permessage-deflate; client_max_window_bits=\"8\"",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; unknown",
    "permessage-deflate; client_max_window_bits; client_max_window_bits",
    "permessage-deflate; server_max_window_bits=9, permessage-deflate; client_max_window_bits=9, "
    "permessage-deflate", "x-webkit-deflate-frame", "permessage-bzip2; x=y, permessage-deflate",
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover, permessage-deflate",
    "permessage-deflate; client_max_window_bits=8; server_max_window_bits=8",
    "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
    "permessage-deflate; server_max_window_bits, permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_no_context_takeover=\"\"",
)


def extension_list_seeds() -> Seeds:
    # No narrower than 15 bits; .. The last are for other variants.
    settings = (b"\x0e\x0e", b"\x0f\x0f", b"\x00\x0e", b"\x0e\x03", b"\x1e\x0e", b"\x2e\x00")
    return {f"list-{number:02}": settings[number % len(settings)] + value.encode()
            for number, value in enumerate(EXTENSION_LISTS)}


def with_length(message: bytes) -> bytes:
    """A message as message_inflater takes it: see take_message there."""
    message = message[:254]
    if len(message) <= 127:
        return bytes([2 * len(message)]) + message
    length = next(each for each in range(17, 256, 2) if 8 * each >= len(message))
    return bytes([length]) + message


PLAIN = {
    "text": b"Hello, World! " * 30, "zeros": bytes(2000), "digits": bytes(range(48, 58)) * 40,
    "noise": bytes((i * i * 31 + i // 7 * 17) % 251 for i in range(200)),
}


def message_inflater_seeds() -> Seeds:
    seeds = {}
    for name, messages in RFC7692_7_2_3.items():
        payloads = b"".join(with_length(bytes.fromhex(message)) for message in messages)
        seeds[name] = b"\x0e" + WHOLE + payloads
        seeds[f"{name}-no-context-takeover"] = b"\x0f" + UNEVEN + payloads
    for name, plain in PLAIN.items():
        for level in (0, 1, 9):
            seeds[f"{name}-level-{level}"] = b"\x0e" + UNEVEN + 2 * with_length(
                compress(plain, level=level))
        seeds[f"{name}-fixed-codes"] = b"\x0e" + BYTE_BY_BYTE + with_length(
            compress(plain, strategy=zlib.Z_FIXED))
        seeds[f"{name}-narrow-window"] = b"\x02" + WHOLE + with_length(compress(plain, bits=9))
        seeds[f"{name}-beyond-limit"] = b"\x1e" + UNEVEN + with_length(compress(plain))
        seeds[f"{name}-to-compress"] = b"\x20" + UNEVEN + with_length(plain)
    for bits in (8, 9):
        for name, flags in {"": 0x20, "-level-1": 0xf0, "-repeated": 0xa0}.items():
            seeds[f"{bits}-bits-to-compress{name}"] = (
                bytes([flags | (bits - 8) * 2]) + WHOLE + 2 * with_length(PLAIN["noise"][:100]))
    seeds["no-context-takeover-to-compress"] = b"\x21" + WHOLE + 3 * with_length(b"Hello, World!")
    # A block with BFINAL, and then a message that refers to what it said.
    hello = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = hello.compress(b"Hello, World! ") + hello.flush(zlib.Z_FINISH)
    again = zlib.compressobj(9, zlib.DEFLATED, -15, 8, zlib.Z_FIXED, b"Hello, World! ")
    second = again.compress(b"Hello, World! ") + again.flush(zlib.Z_SYNC_FLUSH)
    seeds["refers-behind-bfinal"] = b"\x0e" + WHOLE + with_length(first) + with_length(second[:-4])
    seeds["bfinal-inside-message"] = b"\x0e" + UNEVEN + with_length(first + second[:-4])
    seeds["tail-left-on"] = b"\x0e" + UNEVEN + 2 * with_length(second)
    seeds["block-type-3"] = b"\x0e" + WHOLE + with_length(b"\x06")
    seeds["ends-inside-block"] = b"\x0e" + WHOLE + with_length(b"\xf2\x48")
    return seeds


def connection_seeds(masked: bool) -> Seeds:
    """`masked`: the peer is the client."""
    own_handshake, deflate, small, takeover_off = 1, 2, 4, 8 | 16

    def settings(flags: int, cuts: bytes, fragment_size: int = 0, actions: bytes = b"",
                 windows: int = 0) -> bytes:
        return bytes([flags, windows, fragment_size, len(actions)]) + actions + cuts

    seeds = {}
    close = [(True, 0, 8, "03e8")]
    for number, (case, sends) in enumerate(some_cases(12).items()):
        flags = (0, deflate, small)[number % 3]
        actions = (b"", bytes([1]), bytes([0, 2]), bytes([6, 5]))[number % 4]
        cuts = (WHOLE, BYTE_BY_BYTE, UNEVEN)[number // 3 % 3]
        frames = encode_sends([*sends, *close] if number % 2 else sends, masked)
        seeds[f"autobahn-{case}"] = settings(flags, cuts, number % 8, actions) + frames

    start = (head("GET /chat HTTP/1.1", REQUEST) if masked else
             head("HTTP/1.1 101 Switching Protocols",
                  {key: RESPONSE[key] for key in list(RESPONSE)[:3]}))
    hello = encode_frame(True, 0, 1, b"Hello", masked)
    seeds["own-handshake"] = settings(own_handshake, UNEVEN) + start + hello
    seeds["own-handshake-refused"] = settings(own_handshake, WHOLE) + b"GET / HTTP/1.0\r\n\r\n"
    for action in range(1, 7):
        frames = hello + encode_frame(True, 0, 9, b"ping", masked) + encode_sends(close, masked)
        seeds[f"action-{action}"] = settings(0, UNEVEN, 1, bytes([action])) + frames

    def compressed(messages: list[bytes], fragments: int = 1) -> bytes:
        frames = b""
        for message in messages:
            size = max(1, -(-len(message) // fragments))
            parts = [message[i:i + size] for i in range(0, len(message), size)]
            for i, part in enumerate(parts):
                frames += encode_frame(i == len(parts) - 1, 4 if i == 0 else 0, 1 if i == 0 else 0,
                                       part, masked)
        return frames

    for name, hexes in RFC7692_7_2_3.items():
        messages = [bytes.fromhex(each) for each in hexes]
        seeds[name] = settings(deflate, WHOLE) + compressed(messages)
        seeds[f"{name}-fragments"] = settings(deflate, UNEVEN, 7) + compressed(messages, 3)
        seeds[f"{name}-no-context-takeover"] = settings(
            deflate | takeover_off, BYTE_BY_BYTE, windows=0x36) + compressed(messages)
    def message(sizes: tuple[int, ...], opcode: int = 2) -> bytes:
        """Fragments of so many bytes."""
        return b"".join(encode_frame(i == len(sizes) - 1, 0, opcode if i == 0 else 0, size * b"a",
                                     masked) for i, size in enumerate(sizes))

    # At each limit, and beyond it: see kSmallLimits.
    limits = {0: ((200,), (201,), (100, 200), (101, 200), (1, 1, 1), (1, 1, 1, 1)),
              1: ((200,), (201,), (300,), (301,), (100, 101)),
              2: ((8,), (9,), (4, 5), (1, 1, 1), (125,)), 3: ((126,), (127,), (1, 1))}
    for which, some in limits.items():
        for sizes in some:
            cuts = (WHOLE, b"\x02\x40\xff")[len(seeds) % 2]
            seeds[f"limits-{which}-{'-'.join(map(str, sizes))}"] = (
                settings(small, cuts, windows=64 * which) + message(sizes) + hello)
    seeds["interim-responses"] = settings(64, UNEVEN) + hello  # to a client
    seeds["long-frame-in-many-reads"] = settings(0, b"\x01\x7f") + message((600,)) + hello
    for name, text in {"cut": b"\xf0\x9f\x98", "whole": b"\xf0\x9f\x98\x80"}.items():
        seeds[f"text-{name}-then-empty"] = settings(0, UNEVEN) + encode_frame(
            False, 0, 1, text, masked) + encode_frame(True, 0, 0, b"", masked) + hello
    for name, reason in {"": 123 * b"a", "-cut": 122 * b"a" + b"\xc3"}.items():
        seeds[f"longest-reason{name}"] = settings(0, UNEVEN) + encode_frame(
            True, 0, 8, b"\x03\xe8" + reason, masked)
    bomb = compress(bytes(70000))[:400]
    seeds["bomb"] = settings(deflate, UNEVEN) + compressed([bomb])
    return seeds


def beast_frames_seeds() -> Seeds:
    seeds = {}
    for number, (case, sends) in enumerate(some_cases(12).items()):
        to_server = number % 2
        read_size = (0, 3, 255)[number % 3]
        seeds[f"autobahn-{case}"] = bytes([to_server, read_size]) + encode_sends(
            sends, masked=to_server == 1)
    for name, frames in {**LENGTHS, **RFC6455_5_7}.items():
        seeds[name] = b"\x00\xff" + bytes.fromhex(frames)
    return seeds


def beast_heads_seeds() -> Seeds:
    return {**{f"request-{name}": b"\x00" + text for name, text in request_heads().items()},
            **{f"response-{name}": b"\x01" + text for name, text in response_heads().items()}}


TARGETS = {
    "frame_decoder": frame_decoder_seeds,
    "utf8": utf8_seeds,
    "masking": masking_seeds,
    "handshake_request": lambda: {
        **head_seeds(request_heads(), long_heads("GET / HTTP/1.1", {
            name: value for name, value in REQUEST.items() if name != "Sec-WebSocket-Protocol"})),
        **accept_seeds()},
    "handshake_response": lambda: head_seeds(response_heads(), long_heads(
        "HTTP/1.1 101 Switching Protocols",
        {name: value for name, value in RESPONSE.items() if name != "Sec-WebSocket-Protocol"})),
    "extension_list": extension_list_seeds,
    "message_inflater": message_inflater_seeds,
    "connection_server": lambda: connection_seeds(masked=True),
    "connection_client": lambda: connection_seeds(masked=False),
    "beast_frames": beast_frames_seeds,
    "beast_heads": beast_heads_seeds,
}


def main(arguments: list[str]) -> int:
    corpus = Path(arguments[0]) if arguments else FUZZ / "corpus"
    for target, make in TARGETS.items():
        folder = corpus / target
        folder.mkdir(parents=True, exist_ok=True)
        seeds = make()
        for name, seed in seeds.items():
            (folder / name).write_bytes(seed)
        print(f"{target}: {len(seeds)} files, {sum(map(len, seeds.values()))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

// Bytes for people: hexdumps, texts, events, and the lines of a wire log.
'use strict';

const OPCODES = ['continuation', 'text', 'binary', null, null, null, null, null,
  'close', 'ping', 'pong'];

// The names in the IANA registry of close codes.
const CLOSE_CODES = {
  1000: 'normal closure', 1001: 'going away', 1002: 'protocol error', 1003: 'unsupported data',
  1004: 'reserved', 1005: 'no status received', 1006: 'abnormal closure',
  1007: 'invalid frame payload data', 1008: 'policy violation', 1009: 'message too big',
  1010: 'mandatory extension', 1011: 'internal error', 1012: 'service restart',
  1013: 'try again later', 1014: 'bad gateway', 1015: 'TLS handshake',
};

const OCTETS_SHOWN = 12;  // of an entry, while its hexdump is folded
const DUMP_STEP = 1024;  // bytes of a hexdump that appear at once

function opcodeName(opcode) {
  return OPCODES[opcode] || `reserved opcode 0x${opcode.toString(16)}`;
}

function closeCodeText(code) {
  if (code === null || code === undefined) return 'none';
  return CLOSE_CODES[code] ? `${code} ${CLOSE_CODES[code]}` : String(code);
}

function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/// Returns the text of UTF-8 bytes, or null if they are not valid. What was cut (`whole` is false)
/// may end inside a character.
function textOf(bytes, whole) {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes, {stream: !whole});
  } catch {
    return null;
  }
}

/// One line that tells what a payload is: its text in quotes if it is one, else its bytes.
function previewPayload(hex, length, limit = 80) {
  const bytes = bytesOf(hex.slice(0, 8 * limit));
  const whole = length !== null && bytes.length === length;
  const text = length === 0 ? '' : textOf(bytes, whole);
  if (text === null) {
    return spacedHex(bytes.slice(0, limit / 4)) + (bytes.length > limit / 4 || !whole ? ' …' : '');
  }
  const shown = JSON.stringify(Array.from(text).slice(0, limit).join(''))
    .replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return shown + (Array.from(text).length > limit || !whole ? ' …' : '');
}

function spacedHex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(' ');
}

function formatLength(length) {
  return `${formatCount(length)} ${length === 1 ? 'byte' : 'bytes'}`;
}

/// A hexdump of `hex`, the first part of `length` bytes; further parts appear on demand.
function hexdump(hex, length) {
  const bytes = bytesOf(hex);
  const width = window.innerWidth < 640 ? 8 : 16;
  const pre = h('pre', {class: 'dump', tabindex: '0', 'aria-label': 'Hexdump'});
  const more = h('button', {type: 'button', class: 'quiet more'});
  let shown = 0;
  function next() {
    const end = Math.min(shown + DUMP_STEP, bytes.length);
    let text = '';
    for (; shown < end; shown += width) {
      const row = Array.from(bytes.subarray(shown, Math.min(shown + width, bytes.length)));
      const left = row.map((b, i) => (i === 8 ? ' ' : '') + b.toString(16).padStart(2, '0'));
      const right = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.'));
      text += `${shown.toString(16).padStart(6, '0')}  ` +
        `${left.join(' ').padEnd(3 * width - (width > 8 ? 0 : 1))}  ${right.join('')}\n`;
    }
    pre.append(text);
    more.hidden = shown >= bytes.length;
    more.textContent = `Show more, ${formatLength(bytes.length - shown)} left`;
  }
  more.addEventListener('click', () => {
    next();
    pre.focus();
  });
  next();
  const cut = length !== null && bytes.length === length ? null : h('p', {class: 'note'},
    `The first ${formatLength(bytes.length)}` +
    (length === null ? '; the engine did not keep the rest.' : ` of ${formatLength(length)}.`));
  return [bytes.length ? pre : h('p', {class: 'note'}, 'No bytes.'), more, cut];
}

/// A control that unfolds a hexdump under its line, made only when it is wanted.
function unfoldingDump(summary, hex, length, extra = []) {
  const details = h('details', {class: 'bytes'}, h('summary', {}, summary));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) {
      append(details, [extra, hexdump(hex, length)]);
    }
  });
  return details;
}

/// What a Close frame says, from its payload.
function closePayloadText(hex, length) {
  if (length === 0) return 'no code';
  if (length === 1) return 'one byte, which is no code';
  const code = parseInt(hex.slice(0, 4), 16);
  return closeCodeText(code) +
    (length > 2 ? `, reason ${previewPayload(hex.slice(4), length - 2)}` : '');
}

function payloadLengthText({hex, length}) {
  return length === null ? `cut after ${formatLength(hex.length / 2)}` : formatLength(length);
}

function eventText(event) {
  const payload = event.payload &&
    [`${previewPayload(event.payload.hex, event.payload.length)}`,
      h('span', {class: 'muted'}, ` ${payloadLengthText(event.payload)}`)];
  switch (event.event) {
    case 'message': return [h('b', {}, event.binary ? 'binary' : 'text'), ' ', payload];
    case 'close': return [h('b', {}, 'close'), ` ${closeCodeText(event.close_code)}`];
    case 'timeout': return [h('b', {}, 'pause ended'), event.tag ? ` ${event.tag}` : ''];
    default: return [h('b', {}, event.event), ' ', payload];
  }
}

/// The events of one list. Given `other`, marks those that differ from the event at their place.
function eventList(events, other) {
  if (!events.length) return h('p', {class: 'note'}, 'Nothing.');
  const list = h('ol', {class: 'events'});
  const line = (event, index) => {
    const same = !other || JSON.stringify(event) === JSON.stringify(other[index]);
    const text = [eventText(event), same ? null : [' ', h('span', {class: 'word failed'}, 'differs')]];
    return h('li', {class: same ? null : 'differs'},
      event.payload && event.payload.hex.length > 0 ?
        unfoldingDump(text, event.payload.hex, event.payload.length) : h('span', {}, text));
  };
  return inParts(list, events, line, 50, 'events');
}

const WIRE_ICONS = {in: '←', out: '→'};

/// The wire log as a table, frame by frame. `peer` names the role of the implementation.
function wireLog(entries, peer) {
  const timed = entries.some((entry) => entry.at_ms !== undefined);
  const body = h('tbody');
  const row = (entry) => {
    const direction = /_(in|out)$/.exec(entry.kind)?.[1];
    const way = direction === 'in' ? `from ${peer}` : direction === 'out' ? `to ${peer}` : '';
    return h('tr', {class: `wire ${entry.kind}`},
      timed && h('td', {class: 'time'}, entry.at_ms === undefined ? '' : entry.at_ms.toFixed(1)),
      h('td', {class: 'way'}, direction ?
        [h('span', {'aria-hidden': 'true'}, WIRE_ICONS[direction]), h('span', {}, way)] : ''),
      h('td', {}, wireEntry(entry)));
  };
  const table = h('table', {class: 'wire-log'},
    h('thead', {}, h('tr', {},
      timed && h('th', {scope: 'col', class: 'time'}, 'ms'),
      h('th', {scope: 'col', class: 'way'}, 'Way'), h('th', {scope: 'col'}, 'What'))),
    body);
  const [, more] = inParts(body, entries, row, 200, 'entries');
  const octets = h('input', {type: 'checkbox', checked: true,
    onchange: () => table.classList.toggle('no-octets', !octets.checked)});
  return [
    entries.some(({kind}) => kind.startsWith('octets_')) &&
      h('label', {class: 'check'}, octets, ' Octets as read and written'),
    table, more, timed ? null : h('p', {class: 'note'}, 'This engine keeps no times.'),
  ];
}

function wireEntry(entry) {
  switch (entry.kind) {
    case 'octets_in':
    case 'octets_out':
      return unfoldingDump(
        ['octets, ', formatLength(entry.length), entry.queued ? ', queued piece ' : ' ',
          h('span', {class: 'payload'}, spacedHex(bytesOf(entry.hex.slice(0, 2 * OCTETS_SHOWN))),
            entry.length > OCTETS_SHOWN ? ' …' : '')],
        entry.hex, entry.length);
    case 'frame_in':
    case 'frame_out': return frameEntry(entry);
    case 'timer': return timerText(entry);
    default: return entry.text;
  }
}

function frameEntry(entry) {
  const says = entry.opcode === 8 ? closePayloadText(entry.hex, entry.length) :
    entry.length ? previewPayload(entry.hex, entry.length) : '';
  const marks = [
    entry.fin ? null : 'FIN clear',
    entry.rsv & 4 ? 'RSV1' : null,
    entry.rsv & 2 ? 'RSV2' : null,
    entry.rsv & 1 ? 'RSV3' : null,
    entry.piece_length ? `in pieces of ${entry.piece_length}` : null,
    entry.own_write ? 'own write' : null,
  ].filter(Boolean);
  const header = facts([
    ['FIN', entry.fin ? '1' : '0'],
    ['RSV1-3', entry.rsv.toString(2).padStart(3, '0')],
    ['opcode', `0x${entry.opcode.toString(16)} ${opcodeName(entry.opcode)}`],
    ['MASK', entry.masked ? '1' : '0'],
    ['masking key', entry.masked ? entry.masking_key || 'not told' : null],
    ['payload length', formatCount(entry.length)],
  ]);
  return unfoldingDump(
    [h('b', {}, opcodeName(entry.opcode)), marks.map((mark) => h('span', {class: 'tag'}, mark)),
      h('span', {class: 'muted'},
        ` ${formatLength(entry.length)}${entry.masked ? ', masked' : ''} `),
      h('span', {class: 'payload'}, says)],
    entry.hex, entry.length, [header]);
}

function timerText(entry) {
  const what = {pause: 'pause', fail: 'timer to fail the connection', close: 'timer to close'};
  const when = entry.seconds === undefined ? '' : ` in ${entry.seconds} s`;
  return entry.event === 'armed' ?
    `${what[entry.timer]} set${entry.tag ? ` (${entry.tag})` : ''}: fires${when}` :
    `${what[entry.timer]} fired${entry.tag ? ` (${entry.tag})` : ''}`;
}

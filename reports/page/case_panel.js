// The panel of one case: everything a run file tells about it.
'use strict';

class CasePanel {
  /// `go` is called with a run's id and a case's id, or with nothing to close the panel.
  constructor(index, dialog, go) {
    this.index = index;
    this.dialog = dialog;
    this.go = go;
    this.chunks = new Map();
    this.current = null;
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.go();
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) this.go();
    });
  }

  /// Shows a case, named RUN/CASE; `rows` are the rows to step through. False if there is none.
  async show(name, rows) {
    const found = this.find(name);
    if (!found) {
      this.hide();
      return false;
    }
    if (this.current === name) {
      this.updateSteps(found, rows);
      return true;
    }
    this.current = name;
    const {at, row, result} = found;
    let body;
    try {
      const details = await this.details(result.chunk);
      body = caseBody(this.index, at, row, details[this.index.cases[row].id], this.go);
    } catch (error) {
      body = h('p', {class: 'note'}, `The details of this case cannot be unpacked: ${error}. ` +
        'They need a browser that knows DecompressionStream (any of 2023 or later).');
    }
    if (this.current !== name) return true;
    const stepHadFocus = this.dialog.querySelector('.steps')?.contains(document.activeElement) &&
      document.activeElement.textContent;
    this.dialog.replaceChildren(this.head(at, row), h('div', {class: 'panel-body'}, body));
    this.updateSteps(found, rows);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector('.panel-body').scrollTop = 0;
    const step = [...this.dialog.querySelectorAll('.steps button')]
      .find((button) => button.textContent === stepHadFocus && !button.disabled);
    (step || byId('case-title')).focus();
    return true;
  }

  hide() {
    this.current = null;
    if (!this.dialog.open) return;
    this.dialog.close();
    this.dialog.replaceChildren();
  }

  find(name) {
    const slash = name.indexOf('/');
    const at = this.index.runs.findIndex(({id}) => id === name.slice(0, slash));
    const id = name.slice(slash + 1);
    const row = at < 0 ? -1 : this.index.cases.findIndex((one, position) =>
      one.id === id && this.index.runs[at].results[position]);
    return row < 0 ? null : {at, row, result: this.index.runs[at].results[row]};
  }

  head(at, row) {
    const run = this.index.runs[at];
    const {id, title} = this.index.cases[row];
    return h('header', {class: 'panel-head'},
      h('div', {class: 'panel-title'},
        h('h2', {id: 'case-title', tabindex: '-1'}, h('span', {class: 'id'}, id), ' ', title),
        h('p', {class: 'muted'}, runName(run))),
      h('div', {class: 'steps'},
        this.index.docs && h('a', {href: `${this.index.docs.replace(/\/$/, '')}/${id}.html`}, 'About this case'),
        h('a', {href: formatState({case: `${run.id}/${id}`}), title: 'Link to this case'}, 'Link'),
        h('button', {type: 'button', class: 'quiet', 'data-step': '-1'}, 'Previous'),
        h('button', {type: 'button', class: 'quiet', 'data-step': '1'}, 'Next'),
        h('button', {type: 'button', class: 'quiet', onclick: () => this.go()}, 'Close')));
  }

  updateSteps({at, row}, rows) {
    const run = this.index.runs[at];
    const steps = rows.filter((one) => run.results[one]);
    for (const button of this.dialog.querySelectorAll('[data-step]')) {
      const back = button.dataset.step === '-1';
      const target = back ? steps.filter((one) => one < row).pop() :
        steps.find((one) => one > row);
      button.disabled = target === undefined;
      button.onclick = () => this.go(run.id, this.index.cases[target].id);
    }
  }

  details(chunk) {
    if (!this.chunks.has(chunk)) this.chunks.set(chunk, unpack(byId(`chunk-${chunk}`).textContent));
    return this.chunks.get(chunk);
  }
}

/// Unpacks JSON from gzip in base64.
async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).json();
}

function caseBody(index, at, row, details, go) {
  const run = index.runs[at];
  const result = run.results[row];
  const {id} = index.cases[row];
  const peer = run.implementation.role;
  const closeLook = closeTone(result) || VERDICT_TONES[result.close_verdict];
  return [
    h('div', {class: 'verdicts'},
      h('span', {class: `status ${verdictTone(result)}`},
        icon(verdictTone(result)), result.verdict),
      result.close_verdict && h('span', {class: `status ${closeLook}`},
        icon(closeLook), `close ${result.close_verdict}`),
      result.compatible && h('span', {class: `status ${compatibleFailure(result) ? 'failed' : 'ok'}`},
        icon(compatibleFailure(result) ? 'failed' : 'ok'),
        `Autobahn: ${result.compatible.behavior} / ${result.compatible.behavior_close}`),
      h('span', {class: 'muted'}, [
        details.number && `case ${details.number}`,
        formatDuration(details.duration_ms),
        details.started && formatStarted(details.started),
      ].filter(Boolean).join(' · '))),
    details.baseline && h('p', {class: `callout ${result.outcome}`}, icon(result.outcome),
      h('span', {}, result.outcome === 'unexpected_pass' ?
        h('b', {}, 'Passed although the baseline says it fails: ') :
        h('b', {}, 'Known to fail: '), details.baseline.reason)),
    details.verdict === 'MISSING' && h('p', {class: 'callout missing'}, icon('missing'),
      h('span', {}, h('b', {}, 'No result. '), run.reason || '')),
    details.description && h('p', {}, details.description),
    facts([
      ['Result', details.result],
      ['Reason', details.reason],
      ['Rests on', details.source],
      ['Close', details.result_close],
      ['Requirements', details.requirements?.join(', ')],
    ]),
    otherRuns(index, at, row, go),
    run.reproduce && reproduce(run.reproduce.replaceAll('{case}', id)),
    part('Expected and received', eventsBody(details)),
    part('Closing handshake', closingBody(details, peer)),
    part('Opening handshake', handshakeBody(details.handshake, peer)),
    part('Wire log', details.wire_log?.length ? wireLog(details.wire_log, peer) : null,
      details.wire_log ? 'The engine logged nothing in this case.' : undefined),
    part('Traffic', trafficBody(details.traffic, peer)),
    part('Output of the endpoint', details.endpoint_output &&
      h('pre', {tabindex: '0'}, details.endpoint_output)),
    run.form === 'small' && h('p', {class: 'note'},
      'This run file is in the small form, which keeps no events, handshakes and wire logs.'),
  ];
}

/// A titled part of the panel; without a body it is left out, or says `otherwise`.
function part(title, body, otherwise) {
  if (!body && !otherwise) return null;
  return h('section', {class: 'part'}, h('h3', {}, title),
    body || h('p', {class: 'note'}, otherwise));
}

function otherRuns(index, at, row, go) {
  const others = index.runs.map((run, other) => ({run, other, result: run.results[row]}))
    .filter(({other, result}) => other !== at && result);
  if (!others.length) return null;
  return h('div', {class: 'others'}, h('h3', {}, 'In the other runs'),
    h('ul', {}, others.map(({run, result}) => h('li', {}, h('a', {
      href: formatState({case: `${run.id}/${index.cases[row].id}`}),
      onclick: (event) => {
        event.preventDefault();
        go(run.id, index.cases[row].id);
      },
    }, runName(run)), ' ', h('span', {class: `word ${closeTone(result) || verdictTone(result)}`},
      icon(closeTone(result) || verdictTone(result)),
      [result.verdict, result.close_verdict].filter(Boolean).join(' / '))))));
}

function reproduce(command) {
  const button = h('button', {type: 'button', class: 'quiet'}, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
  });
  const code = h('code', {}, command);
  return h('div', {class: 'reproduce'}, h('span', {class: 'muted'}, 'Run it again'), code, button);
}

function eventsBody(details) {
  if (!details.received && !details.expected) return null;
  const received = details.received || [];
  // The best verdict first, and what was received compared with the list it comes closest to.
  const expected = Object.entries(details.expected || {})
    .sort(([one], [other]) => (other === 'OK') - (one === 'OK'));
  const same = (event, other) => JSON.stringify(event) === JSON.stringify(other);
  const agreement = (events) => received.filter((event, i) => same(event, events[i])).length -
    Math.abs(events.length - received.length);
  const closest = expected.map(([, events]) => events)
    .reduce((best, events) => (agreement(events) > agreement(best) ? events : best),
      expected[0]?.[1]);
  return h('div', {class: 'events-pair'},
    h('div', {}, expected.length ? expected.map(([verdict, events]) => [
      h('h4', {}, 'Expected for ', verdict), eventList(events)]) :
      [h('h4', {}, 'Expected'),
        h('p', {class: 'note'}, 'This case judges by other means than a list of events.')]),
    h('div', {}, h('h4', {}, 'Received'), eventList(received, closest),
      closest?.length > received.length && h('p', {class: 'word failed'}, icon('failed'),
        `${closest.length - received.length} of ${closest.length} expected did not come`)));
}

function closingBody(details, peer) {
  const expected = details.expected_close;
  const yes = (value) => (value === null || value === undefined ? null : value ? 'yes' : 'no');
  const withReason = (code, reason) => (code === undefined ? null :
    closeCodeText(code) + (reason ? `, reason ${JSON.stringify(reason)}` : ''));
  const codes = expected?.close_codes.map((code) => closeCodeText(code)).join(', ');
  const remote = details.remote_close_code ?? null;
  const closer = details.closed_by_harness ?? null;
  const rows = [
    [`Code from the ${peer}`, codes && `${codes}, or none`,
      withReason(details.remote_close_code, details.remote_close_reason),
      expected && remote !== null && !expected.close_codes.includes(remote)],
    ['Code from the harness', null,
      withReason(details.local_close_code, details.local_close_reason)],
    ['Started by', expected && (expected.closer === 'endpoint' ? peer : 'harness') +
      (expected.wrong_closer_is_fatal ? ' (else failed)' : ''),
    closer === null ? null : closer ? 'harness' : `${peer}, or nobody`,
    expected && closer !== null && closer !== (expected.closer === 'harness')],
    ['Clean', expected && (expected.clean ? 'yes' : 'either'), yes(details.was_clean),
      expected?.clean && details.was_clean === false],
    ['Why not clean', null, details.was_not_clean_reason || null],
    ['Failed by the harness', null, yes(details.failed_by_harness)],
    ['TCP dropped by the harness', null, yes(details.dropped_by_harness)],
    ['Timers that ran out', null, details.timeouts?.join(', ').replaceAll('_', ' ') || null],
  ].filter(([, wanted, got]) => wanted || got);
  if (!rows.length) return null;
  return h('table', {class: 'closing'},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, h('span', {class: 'hidden'}, 'What')),
      h('th', {scope: 'col'}, 'Expected'), h('th', {scope: 'col'}, 'Seen'))),
    h('tbody', {}, rows.map(([name, wanted, got, wrong]) => h('tr', {},
      h('th', {scope: 'row'}, name), h('td', {}, wanted || ''),
      h('td', {}, wrong ? h('span', {class: 'word failed'}, icon('failed'), got) : got || '')))));
}

function handshakeBody(handshake, peer) {
  if (!handshake) return null;
  const client = peer === 'client' ? 'client' : 'harness';
  const server = peer === 'server' ? 'server' : 'harness';
  const head = (title, text) => h('div', {}, h('h4', {}, title),
    text === null ? h('p', {class: 'note'}, 'Never seen.') :
      h('pre', {tabindex: '0', 'aria-label': title}, text.replaceAll('\r\n', '\n').trimEnd()));
  return [head(`Request of the ${client}`, handshake.request),
    head(`Response of the ${server}`, handshake.response)];
}

function trafficBody(traffic, peer) {
  if (!traffic) return null;
  const names = [
    ['messages', 'Messages'], ['frames', 'Frames'], ['message_octets', 'Message bytes'],
    ['payload_octets', 'Payload bytes'], ['wire_octets', 'Bytes on the wire'],
    ['handshake_octets', 'Handshake bytes'],
  ];
  const ratio = (one) => (one?.message_octets && one.payload_octets !== undefined ?
    (one.payload_octets / one.message_octets).toFixed(3) : '');
  const show = (value) => (value === undefined ? '' : formatCount(value));
  return h('table', {class: 'closing'},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, h('span', {class: 'hidden'}, 'What')),
      h('th', {scope: 'col'}, `From the ${peer}`), h('th', {scope: 'col'}, `To the ${peer}`))),
    h('tbody', {}, names.map(([name, text]) => h('tr', {}, h('th', {scope: 'row'}, text),
      h('td', {}, show(traffic.in?.[name])), h('td', {}, show(traffic.out?.[name])))),
    h('tr', {}, h('th', {scope: 'row'}, 'Compressed to'),
      h('td', {}, ratio(traffic.in)), h('td', {}, ratio(traffic.out)))));
}

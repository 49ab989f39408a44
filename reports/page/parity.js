// What other engines say of the same endpoints, case by case, and how long each took.
'use strict';

/// How many verdicts of an engine are the original's; what differs is unfolded by the reader.
function parityResult(result) {
  if (!result) return h('td', {class: 'muted'}, '\u2013');
  const open = result.differences.filter(({reason}) => reason === null).length;
  const count = `${formatCount(result.compared - result.differences.length)} of ` +
    formatCount(result.compared);
  return h('td', {},
    h('span', {class: open ? 'word failed' : 'word ok'}, icon(open ? 'failed' : 'ok'), count),
    result.differences.length > 0 && h('details', {},
      h('summary', {}, `${formatCount(result.differences.length)} differ`),
      h('ul', {}, result.differences.map(({cases, original, other, reason}) => h('li', {},
        h('b', {}, cases), ` ${original} there, ${other} here: `,
        reason === null ? h('span', {class: 'word failed'}, icon('failed'), 'not explained')
          : reason)))));
}

function parityTable(caption, head, rows) {
  return h('div', {class: 'statements-frame', tabindex: '0'}, h('table', {class: 'statements'},
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, head.map((text) => h('th', {scope: 'col'}, text)))),
    h('tbody', {}, rows)));
}

function buildParity(parity) {
  if (!parity) return;
  byId('parity').hidden = false;
  const {engines, endpoints} = parity;
  const compared = engines.slice(1);
  const named = ({endpoint, role}) => h('th', {scope: 'row'}, `${endpoint} as ${role}`);
  const seconds = (value) => h('td', {}, value === null ? '\u2013' : `${value.toFixed(1)} s`);
  append(byId('engines'), [
    parityTable(`Cases with the verdicts that ${engines[0]} gives.`,
      ['Endpoint', 'Version', ...compared],
      endpoints.map((one) => h('tr', {}, named(one), h('td', {}, one.version || ''),
        compared.map((engine) => parityResult(one.results[engine]))))),
    parityTable('Wall time, and in brackets the processor time of the engine itself.',
      ['Endpoint', 'Cases', ...engines],
      endpoints.filter(({times}) => times).map((one) => h('tr', {}, named(one),
        h('td', {}, formatCount(one.timed_cases)),
        engines.map((engine) => {
          const cell = seconds(one.times[engine].wall);
          append(cell, [h('span', {class: 'muted'}, ` (${one.times[engine].own.toFixed(1)})`)]);
          return cell;
        })))),
  ]);
}

// What is shown: the state of the page, kept in the URL's hash, and the controls that change it.
'use strict';

const OUTCOMES = [
  ['failed', 'Failed'],
  ['missing', 'Missing'],
  ['unsupported', 'Unimplemented'],
  ['expected_failure', 'Expected failures'],
  ['unexpected_pass', 'Unexpected passes'],
  ['non_strict', 'Non-strict'],
  ['informational', 'Informational'],
  ['ok', 'OK'],
];

// Members of the state: texts, and sets of words written with commas between them.
const TEXTS = ['q', 'section', 'verdict', 'close', 'role', 'run', 'differ', 'case', 'at'];
const SETS = ['outcome', 'open'];

/// Reads the state from a hash such as #q=close&outcome=failed,missing&case=RUN/1.1.1.
function parseState(hash) {
  const state = {};
  const pairs = new Map(hash.replace(/^#/, '').split('&').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), decode(pair.slice(at + 1))];
  }));
  for (const name of TEXTS) state[name] = pairs.get(name) || '';
  for (const name of SETS) {
    state[name] = pairs.has(name) ? new Set(pairs.get(name).split(',').filter(Boolean)) : null;
  }
  return state;
}

function formatState(state) {
  const parts = [];
  for (const name of TEXTS) if (state[name]) parts.push(`${name}=${encode(state[name])}`);
  for (const name of SETS) {
    if (state[name]) parts.push(`${name}=${[...state[name]].map(encode).join(',')}`);
  }
  return parts.length ? `#${parts.join('&')}` : '#';
}

function encode(text) {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/// Whether any filter of rows is set: then sections unfold by themselves.
function isFiltered(state) {
  return Boolean(state.q || state.section || state.verdict || state.close || state.differ ||
    state.outcome?.size);
}

/// The runs whose columns are shown, as positions in index.runs.
function visibleRuns(index, state) {
  return index.runs.map((run, at) => ({run, at}))
    .filter(({run}) => (!state.role || run.implementation.role === state.role) &&
      (!state.run || run.id === state.run))
    .map(({at}) => at);
}

/// Whether the row of case number `row` is shown, given the columns shown.
function matchesRow(index, state, columns, row) {
  const {id, title, section} = index.cases[row];
  if (state.section && section !== state.section) return false;
  const matchesWord = (word) => /^[\d.]+$/.test(word) ?
    id.startsWith(word) || title.includes(word) :
    `${id} ${title}`.toLowerCase().includes(word);
  if (!state.q.toLowerCase().split(/\s+/).filter(Boolean).every(matchesWord)) return false;
  const results = columns.map((at) => index.runs[at].results[row]).filter(Boolean);
  if (!results.length) return false;
  if (state.differ && new Set(results.map((r) => `${r.verdict}/${r.close_verdict}`)).size < 2) {
    return false;
  }
  if (!state.verdict && !state.close && !state.outcome?.size) return true;
  return results.some((result) =>
    (!state.verdict || result.verdict === state.verdict) &&
    (!state.close || result.close_verdict === state.close) &&
    (!state.outcome?.size || state.outcome.has(result.outcome)));
}

/// Number of results with each outcome among the given columns.
function countOutcomes(index, columns, rows) {
  const counts = Object.fromEntries(OUTCOMES.map(([name]) => [name, 0]));
  for (const at of columns) {
    for (const row of rows) {
      const result = index.runs[at].results[row];
      if (result) counts[result.outcome] += 1;
    }
  }
  return counts;
}

/// Fills the form once and calls `change` with what a control changes of the state.
function buildFilters(index, change) {
  const allRows = index.cases.map((_, row) => row);
  const allRuns = index.runs.map((_, at) => at);
  const counts = countOutcomes(index, allRuns, allRows);
  for (const [name, text] of OUTCOMES) {
    if (!counts[name] && name !== 'failed') continue;
    byId('outcomes').append(h('button', {
      type: 'button', class: `outcome ${name}`, 'data-outcome': name, 'aria-pressed': 'false',
      onclick: (event) => {
        const pressed = event.currentTarget.getAttribute('aria-pressed') === 'true';
        change((state) => {
          const set = new Set(state.outcome || []);
          if (pressed) set.delete(name);
          else set.add(name);
          return {outcome: set.size ? set : null};
        });
      },
    }, icon(name), h('span', {}, text), h('span', {class: 'count'}, formatCount(counts[name]))));
  }
  const results = index.runs.flatMap((run) => run.results.filter(Boolean));
  const distinct = (member) => [...new Set(results.map((result) => result[member]))]
    .filter(Boolean).sort();
  const fields = [
    ['section', index.sections.map(({id, title}) => [id, title ? `${id} ${title}` : id])],
    ['verdict', distinct('verdict').map((value) => [value, value])],
    ['close', distinct('close_verdict').map((value) => [value, value])],
    ['role', [['server', 'Server'], ['client', 'Client']]],
    ['run', index.runs.map((run) => [run.id, runName(run)])],
  ];
  for (const [name, options] of fields) {
    const select = byId(`filter-${name}`);
    append(select, [h('option', {value: ''}, 'All'),
      options.map(([value, text]) => h('option', {value}, text))]);
    select.addEventListener('change', () => change(() => ({[name]: select.value})));
  }
  byId('filter-text').addEventListener('input',
    (event) => change(() => ({q: event.target.value})));
  byId('filter-differ').addEventListener('change',
    (event) => change(() => ({differ: event.target.checked ? '1' : ''})));
  byId('filters').addEventListener('submit', (event) => event.preventDefault());
  byId('filters').addEventListener('reset', (event) => {
    event.preventDefault();
    change(() => ({q: '', section: '', verdict: '', close: '', role: '', run: '', differ: '',
      outcome: null}));
  });
}

/// Makes the form look like the state.
function showFilters(state) {
  if (byId('filter-text').value !== state.q) byId('filter-text').value = state.q;
  for (const name of ['section', 'verdict', 'close', 'role', 'run']) {
    byId(`filter-${name}`).value = state[name];
  }
  byId('filter-differ').checked = Boolean(state.differ);
  for (const button of byId('outcomes').children) {
    button.setAttribute('aria-pressed', String(Boolean(state.outcome?.has(button.dataset.outcome))));
  }
  byId('filter-reset').hidden = !isFiltered(state) && !state.role && !state.run;
}

function runName(run) {
  const {name, version, role, tls} = run.implementation;
  return [name, version, role, tls ? 'wss' : 'ws'].filter(Boolean).join(' ') +
    ` (${engineName(run)})`;
}

function engineName(run) {
  const {engine, engine_version: version} = run.suite;
  return engine ? [engine, version].filter(Boolean).join(' ') : 'no engine';
}

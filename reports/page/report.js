// Puts the page together: the verdict, the runs, the matrix, the panel, the benchmarks.
'use strict';

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const THEMES = ['auto', 'light', 'dark'];

function storedTheme() {
  try {
    const theme = localStorage.getItem('wsproof-theme');
    return THEMES.includes(theme) ? theme : 'auto';
  } catch {
    return 'auto';
  }
}

let theme = storedTheme();

function applyTheme() {
  const dark = theme === 'dark' || (theme === 'auto' && systemDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

// Before the first paint, so that the page never flashes.
applyTheme();
systemDark.addEventListener('change', applyTheme);
// Paper is white.
addEventListener('beforeprint', () => {
  document.documentElement.dataset.theme = 'light';
});
addEventListener('afterprint', applyTheme);

function buildThemeButton() {
  const button = byId('theme');
  const label = () => {
    button.textContent = `Theme: ${theme}`;
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem('wsproof-theme', theme);
    } catch {
      // A browser may refuse to remember anything for files; the theme then lasts for the visit.
    }
    applyTheme();
    label();
  });
  label();
}

function buildOverall(index) {
  const [name, word] = STATUSES[index.overall.status];
  const counts = countResults(index.runs.flatMap((run) => run.results.filter(Boolean)));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  byId('overall').className = `overall ${name}`;
  append(byId('overall'), [icon(name), h('span', {}, index.overall.text,
    h('span', {class: 'hidden'}, ` (${word})`))]);
  const {details} = index.overall;
  if (details.length) byId('overall').after(h('p', {class: 'overall-details'}, details.join(' · ')));
  if (total) byId('overall').after(bar(counts, total));
  document.title = `${word}: wsproof report`;
}

function buildRuns(index) {
  byId('run-cards').append(...index.runs.map(runCard));
}

const CARD_WORDS = [
  ['failed', 'failed'], ['unsupported', 'unimplemented'], ['missing', 'missing'],
  ['expected_failure', 'known to fail'], ['unexpected_pass', 'passed unexpectedly'],
];

function runCard(run) {
  const {implementation, suite, environment, selection, totals} = run;
  const results = run.results.filter(Boolean);
  const counts = countResults(results);
  const baseline = run.results.map((result, row) => ({result, row}))
    .filter(({result}) => result?.baseline);
  return h('article', {class: 'card'},
    h('header', {},
      h('h3', {}, implementation.name, ' ',
        implementation.version && h('span', {class: 'version'}, implementation.version)),
      statusTag(run)),
    h('p', {class: 'kinds'},
      [implementation.role, implementation.tls ? 'wss' : 'ws', implementation.language,
        engineName(run)].filter(Boolean).map((text) => h('span', {class: 'tag'}, text))),
    run.reason && h('p', {class: 'callout missing'}, icon('informational'),
      h('span', {}, run.reason)),
    results.length > 0 && [
      bar(counts, results.length),
      h('p', {class: 'numbers'},
        h('span', {}, h('b', {}, formatCount(totals.passed)), ` of ${formatCount(totals.cases)} passed`),
        CARD_WORDS.filter(([name]) => counts[name] > 0).map(([name, text]) =>
          h('span', {class: `word ${name}`}, `${formatCount(counts[name])} ${text}`)),
        h('span', {class: 'muted'}, formatDuration(run.duration_ms))),
    ],
    baseline.length > 0 && h('details', {}, h('summary', {}, `Baseline: ${baseline.length} cases`),
      h('ul', {class: 'baseline'}, baseline.map(({result, row}) => h('li', {},
        h('a', {href: formatState({case: `${run.id}/${report.index.cases[row].id}`})},
          report.index.cases[row].id),
        result.outcome === 'unexpected_pass' ?
          h('span', {class: 'word unexpected_pass'}, icon('unexpected_pass'), 'passed') : null,
        ' ', result.baseline)))),
    h('details', {}, h('summary', {}, 'Run, engine and machine'), facts([
      ['Target', h('code', {}, implementation.target)],
      ['Commit', implementation.commit],
      ['Started', formatStarted(run.started)],
      ['Suite', suite.name],
      ['Engine', engineName(run)],
      ['Library', suite.library],
      ['Python', suite.python],
      ['Image', suite.image],
      ['Cases', selection.cases.join(', ') + (selection.quick ? ' (quick)' : '')],
      ['Excluded', selection.exclude.join(', ')],
      ['Exit status', String(run.exit_status)],
      ['System', environment.os],
      ['Kernel', environment.kernel],
      ['Processor', `${environment.cpu}, ${environment.cores} cores`],
      ['Memory', environment.memory_bytes && `${(environment.memory_bytes / 2 ** 30).toFixed(1)} GiB`],
      ['Compiler', environment.compiler],
    ])),
    run.endpoint_output && h('details', {}, h('summary', {}, 'Output of the endpoint'),
      h('pre', {tabindex: '0'}, run.endpoint_output)));
}

function buildBench(bench) {
  if (!bench) return;
  byId('benchmarks').hidden = false;
  const about = [bench.machine, bench.started && formatStarted(bench.started)].filter(Boolean);
  const number = (value) => value.toLocaleString('en-US', {maximumSignificantDigits: 3});
  const longest = Math.max(1, ...bench.ratios.map(({ratio}) => ratio));
  append(byId('bench'), [
    about.length > 0 && h('p', {class: 'muted'}, about.join(' · ')),
    bench.ratios.length > 0 && h('div', {class: 'ratios-frame', tabindex: '0'},
      h('table', {class: 'ratios'},
        h('caption', {}, 'Ours against a peer, in one run on one machine. Above 1: ours is faster.'),
        h('thead', {}, h('tr', {}, ['Benchmark', 'Ours', 'Peer', 'Unit', 'Ratio'].map((text) =>
          h('th', {scope: 'col'}, text)))),
        h('tbody', {}, bench.ratios.map((one) => {
          const length = h('span', {class: 'ratio-bar', 'aria-hidden': 'true'});
          length.style.width = `${(100 * one.ratio / longest).toFixed(1)}%`;
          return h('tr', {},
            h('th', {scope: 'row'}, one.name),
            h('td', {}, number(one.ours)),
            h('td', {}, number(one.peer),
              one.peer_name && h('span', {class: 'muted'}, ` ${one.peer_name}`)),
            h('td', {}, one.unit),
            h('td', {class: 'ratio'}, h('span', {class: 'ratio-number'}, number(one.ratio)),
              h('span', {class: 'ratio-track'}, length)));
        })))),
    h('div', {class: 'plots'}, bench.plots.map(({title, svg, description}) =>
      h('figure', {},
        h('figcaption', {}, title),
        // As an image an SVG can neither run scripts nor load anything.
        h('img', {alt: description || title,
          src: `data:image/svg+xml;base64,${base64Of(svg)}`})))),
  ]);
}

function base64Of(text) {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function buildParts(index) {
  const parts = [['runs', 'Runs'], ['cases', 'Cases'], 
    index.statements && ['statements', 'RFC'],
    index.parity && ['parity', 'Parity'], index.bench && ['benchmarks', 'Benchmarks']];
  byId('parts').append(...parts.filter(Boolean).map(([id, text]) =>
    h('a', {href: `#at=${id}`}, text)));
}

/// The state of the page. The hash of the URL is the only place where it is kept.
const report = {
  index: null,
  matrix: null,
  panel: null,
  state: null,

  start() {
    this.index = JSON.parse(byId('index').textContent);
    for (const run of this.index.runs) {
      run.results = run.results.map((result) => result &&
        {...run.kinds[result[0]], duration_ms: result[1], chunk: result[2]});
    }
    buildThemeButton();
    buildParts(this.index);
    buildOverall(this.index);
    buildRuns(this.index);
    buildStatements(this.index);
    buildParity(this.index.parity);
    buildBench(this.index.bench);
    // A new filter unfolds what it finds.
    buildFilters(this.index, (how) => this.change((state) => ({...how(state), open: null})));
    this.matrix = new Matrix(this.index, byId('matrix'), {
      open: (run, id) => this.go(run, id),
      toggle: (section) => this.toggle(section),
    });
    this.panel = new CasePanel(this.index, byId('case'), (run, id) => this.go(run, id));
    byId('unfold').addEventListener('click', () => this.unfold());
    addEventListener('hashchange', () => this.read());
    addEventListener('popstate', () => this.read());
    document.addEventListener('click', (event) => this.onLink(event));
    this.read();
  },

  /// Links to a part of the page or a case change that alone and keep the filters.
  onLink(event) {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const wanted = parseState(link.getAttribute('href'));
    if (wanted.case) this.change(() => ({case: wanted.case}), true);
    else if (wanted.at) this.moveTo(wanted.at);
  },

  /// Shows what the URL says. A case that it names has its section unfolded, and is scrolled to.
  read() {
    this.state = parseState(location.hash);
    const found = this.state.case && this.panel.find(this.state.case);
    if (found) this.matrix.revealed.add(this.index.cases[found.row].section);
    this.show();
    if (found) this.matrix.goTo(found.at, found.row);
    else if (this.state.at) this.moveTo(this.state.at);
  },

  moveTo(id) {
    const title = byId(`${id}-title`);
    if (!title) return;
    title.tabIndex = -1;
    title.scrollIntoView({block: 'start'});
    title.focus({preventScroll: true});
  },

  /// Changes members of the state; `remember` makes it a step of the browser's history.
  change(how, remember = false) {
    Object.assign(this.state, how(this.state), {at: ''});
    const hash = formatState(this.state);
    if (hash !== (location.hash || '#')) {
      history[remember ? 'pushState' : 'replaceState'](null, '', hash);
    }
    this.show();
  },

  go(run, id) {
    this.change(() => ({case: run ? `${run}/${id}` : ''}), Boolean(run) && !this.state.case);
  },

  openSections() {
    if (this.state.open) return this.state.open;
    return isFiltered(this.state) ? new Set(this.index.sections.map(({id}) => id)) :
      this.matrix.openByDefault();
  },

  toggle(section) {
    const open = new Set(this.openSections());
    if (open.has(section)) open.delete(section);
    else open.add(section);
    this.change(() => ({open}));
  },

  unfold() {
    const all = this.index.sections.map(({id}) => id);
    const open = this.openSections();
    this.change(() => ({open: new Set(all.every((id) => open.has(id)) ? [] : all)}));
  },

  show() {
    const rows = this.matrix.show(this.state);
    showFilters(this.state);
    const all = this.index.cases.length;
    const text = rows.length === all ? `${formatCount(all)} cases` :
      `${formatCount(rows.length)} of ${formatCount(all)} cases`;
    if (byId('shown').textContent !== text) byId('shown').textContent = text;
    const open = this.openSections();
    byId('unfold').textContent = this.index.sections.every(({id}) => open.has(id)) ?
      'Fold all' : 'Unfold all';
    if (this.state.case) this.panel.show(this.state.case, rows);
    else this.panel.hide();
  },
};

document.addEventListener('DOMContentLoaded', () => report.start());

// The matrix: a row for each case, a column for each run, in sections that fold. Of a large report
// rows have their results only where the reader is: half a million elements take seconds.
'use strict';

// With at most so many cases no section is folded.
const ALWAYS_OPEN = 60;
// With at most so many cells in unfolded sections all are made at once; else so many, and the others
// when the reader comes near.
const ALL_AT_ONCE = 8000;
const FIRST_CELLS = 400;
const ROWS_IN_BLOCK = 25;
// A frame narrower than this (in CSS pixels) is a phone's.
const STACKED_BELOW = 700;
// On paper only so many columns are beside each other.
const PRINTED_COLUMNS = 2;
const TROUBLE = ['failed', 'expected_failure', 'unexpected_pass'];

class Matrix {
  /// `open` is called with a run and a row when a cell is activated, `toggle` with a section.
  constructor(index, frame, {open, toggle}) {
    this.index = index;
    this.frame = frame;
    this.open = open;
    this.toggle = toggle;
    this.rowsOf = new Map(index.sections.map(({id}) => [id, []]));
    index.cases.forEach(({section}, row) => this.rowsOf.get(section).push(row));
    this.columns = null;
    this.revealed = new Set();
    frame.addEventListener('keydown', (event) => this.onKey(event));
    frame.addEventListener('focusin', (event) => this.onFocus(event));
    new ResizeObserver(() => this.layOut()).observe(frame);
    addEventListener('beforeprint', () => this.beforePrint());
    addEventListener('afterprint', () => this.afterPrint());
  }

  /// Sections that are open when the reader has not said anything.
  openByDefault() {
    const {index, columns} = this;
    return new Set(index.sections.map(({id}) => id).filter((id) =>
      index.cases.length <= ALWAYS_OPEN || this.revealed.has(id) ||
      this.rowsOf.get(id).some((row) => columns.some((at) =>
        TROUBLE.includes(index.runs[at].results[row]?.outcome)))));
  }

  /// Shows the rows that match; returns them, in order, whether their section is open or not.
  show(state) {
    const columns = visibleRuns(this.index, state);
    if (!this.columns || columns.join() !== this.columns.join()) this.build(columns);
    const matching = this.index.cases.map((_, row) => row)
      .filter((row) => matchesRow(this.index, state, columns, row));
    const wanted = new Set(matching);
    const filtered = isFiltered(state);
    const open = state.open || (filtered ? null : this.openByDefault());
    this.unfolded = [];
    for (const {id} of this.index.sections) {
      const part = this.parts.get(id);
      const rows = this.rowsOf.get(id).filter((row) => wanted.has(row));
      const unfolded = open === null || open.has(id);
      part.head.hidden = rows.length === 0;
      part.button.setAttribute('aria-expanded', String(unfolded));
      if (rows.length && unfolded) this.fill(part, id, wanted);
      else for (const block of part.blocks) block.hidden = true;
    }
    const first = this.unfolded.length * columns.length <= ALL_AT_ONCE ? this.unfolded.length :
      Math.ceil(FIRST_CELLS / columns.length);
    for (const element of this.unfolded.slice(0, first)) this.makeCells(element);
    this.watch();
    this.empty.hidden = matching.length > 0;
    this.keepOneStop();
    return matching;
  }

  build(columns) {
    this.columns = columns;
    this.parts = new Map();
    this.unfolded = [];
    // The rows without cells, with the number of each.
    this.unmade = new Map();
    const {runs} = this.index;
    const table = h('table', {role: 'grid', class: 'matrix', 'aria-labelledby': 'cases-title'},
      h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'},
        h('th', {role: 'columnheader', scope: 'col', class: 'case-head'}, 'Case'),
        columns.map((at) => this.columnHead(runs[at])))));
    for (const section of this.index.sections) {
      const button = h('button', {
        type: 'button', class: 'fold', 'aria-expanded': 'false',
        onclick: () => this.toggle(section.id),
      }, h('span', {class: 'arrow', 'aria-hidden': 'true'}), h('b', {}, section.id), ' ',
      section.title);
      const head = h('tbody', {role: 'rowgroup', class: 'section'}, h('tr', {role: 'row'},
        h('th', {role: 'rowheader', scope: 'rowgroup'}, button),
        columns.map((at) => this.sectionTotals(runs[at], this.rowsOf.get(section.id)))));
      this.parts.set(section.id, {head, button, blocks: [], rows: null});
      table.append(head);
    }
    this.empty = h('p', {class: 'empty', hidden: true}, 'No case matches these filters.');
    this.frame.replaceChildren(table, this.empty);
    this.table = table;
    table.style.setProperty('--columns', columns.length);
    this.width = null;
    this.layOut();
  }

  columnHead(run) {
    const {name, version, role, tls} = run.implementation;
    const empty = !run.results.some(Boolean);
    return h('th', {role: 'columnheader', scope: 'col', class: `run-head${empty ? ' empty-run' : ''}`},
      h('span', {class: 'run-name'}, name, version ? ` ${version}` : ''),
      h('span', {class: 'run-kind'}, `${role}, ${tls ? 'wss' : 'ws'}`),
      h('span', {class: 'run-engine'}, engineName(run)),
      run.status === 'passed' || run.status === 'failed' ? null : statusTag(run));
  }

  sectionTotals(run, rows) {
    const results = rows.map((row) => run.results[row]).filter(Boolean);
    const label = h('span', {class: 'cell-label', 'aria-hidden': 'true'}, shortRunName(run));
    if (!results.length) {
      return h('td', {role: 'gridcell', class: 'totals muted'}, label, nothingText(run));
    }
    const counts = countResults(results);
    const passed = counts.ok + counts.non_strict + counts.informational + counts.unexpected_pass;
    const duration = results.reduce((sum, result) => sum + (result.duration_ms || 0), 0);
    return h('td', {role: 'gridcell', class: 'totals'}, label, h('div', {class: 'in-cell'},
      bar(counts, results.length),
      h('span', {class: `sum${passed < results.length ? ' short' : ''}`},
        `${passed}/${results.length}`, h('span', {class: 'hidden'}, ' passed')),
      h('span', {class: 'time'}, formatDuration(duration))));
  }

  /// Shows the rows of a section that are wanted. Each has its id and title from the start, so that
  /// the browser's own search finds it, and the height that it will have.
  fill(part, section, wanted) {
    if (!part.rows) {
      part.rows = new Map(this.rowsOf.get(section).map((row) => [row, this.row(row)]));
      const rows = [...part.rows.values()];
      for (let at = 0; at < rows.length; at += ROWS_IN_BLOCK) {
        const block = h('tbody', {role: 'rowgroup'});
        block.append(...rows.slice(at, at + ROWS_IN_BLOCK));
        part.blocks.push(block);
      }
      part.head.after(...part.blocks);
    }
    for (const block of part.blocks) block.hidden = false;
    for (const [row, element] of part.rows) {
      element.hidden = !wanted.has(row);
      if (!element.hidden) this.unfolded.push(element);
    }
  }

  row(row) {
    const {id, title} = this.index.cases[row];
    const element = h('tr', {role: 'row', class: 'unmade'},
      h('th', {role: 'rowheader', scope: 'row', class: 'case'}, h('div', {},
        h('span', {class: 'id'}, id), ' ', h('span', {class: 'title'}, title))));
    this.unmade.set(element, row);
    return element;
  }

  makeCells(element) {
    const row = this.unmade.get(element);
    if (row === undefined) return;
    this.unmade.delete(element);
    element.classList.remove('unmade');
    element.append(...this.columns.map((at) => this.cell(at, row)));
  }

  /// Makes the cells of what is shown of a block of rows.
  makeBlock(block) {
    for (const element of block.rows) if (!element.hidden) this.makeCells(element);
  }

  /// Waits for the reader to come near rows without cells.
  watch() {
    this.observer.disconnect();
    const blocks = this.unfolded.filter((element) => this.unmade.has(element))
      .map((element) => element.parentElement);
    for (const block of new Set(blocks)) this.observer.observe(block);
  }

  onNear(entries) {
    for (const {isIntersecting, target} of entries) {
      if (!isIntersecting) continue;
      this.observer.unobserve(target);
      this.makeBlock(target);
    }
  }

  /// Scrolls to a case that a link leads to and puts the focus on its result, or on the head of
  /// its section if that is folded or a filter hides the result.
  goTo(at, row) {
    const part = this.parts.get(this.index.cases[row].section);
    const element = part.rows?.get(row);
    const isShown = element && isVisible(element);
    if (isShown) this.makeBlock(element.parentElement);
    const cell = isShown && element.cells[this.columns.indexOf(at) + 1];
    const stop = (cell && cell.querySelector('a.result')) || part.button;
    stop.focus({preventScroll: true});
    stop.scrollIntoView({block: 'center', inline: 'nearest'});
  }

  cell(at, row) {
    const run = this.index.runs[at];
    const {id} = this.index.cases[row];
    const result = run.results[row];
    const label = h('span', {class: 'cell-label', 'aria-hidden': 'true'}, shortRunName(run));
    if (!result) {
      return h('td', {role: 'gridcell', class: 'muted none'}, label, nothingText(run));
    }
    const bad = closeTone(result);
    const link = h('a', {
      class: 'result in-cell',
      href: formatState({case: `${run.id}/${id}`}),
      tabindex: '-1',
      title: result.baseline ? `Baseline: ${result.baseline}` : null,
      'aria-label': resultLabel(run, id, result),
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.open(run.id, id);
      },
    },
    h('span', {class: `verdict ${verdictTone(result)}`},
      icon(verdictTone(result)), result.verdict),
    h('span', {class: `close ${bad || ''}`}, closeCell(result, bad)),
    h('span', {class: 'time'}, formatDuration(result.duration_ms)));
    return h('td', {role: 'gridcell'}, label, link);
  }

  /// Columns beside each other if they fit, below each other on a phone, else scrolling.
  layOut() {
    const width = this.frame.clientWidth;
    if (!this.table || width === this.width) return;
    this.width = width;
    this.frame.classList.remove('stacked', 'scrolls');
    this.frame.removeAttribute('tabindex');
    const fits = this.table.offsetWidth <= width;
    const scrolls = !fits && width >= STACKED_BELOW;
    this.frame.classList.toggle('stacked', !fits && !scrolls);
    this.frame.classList.toggle('scrolls', scrolls);
    if (scrolls) this.frame.tabIndex = 0;
    this.observer?.disconnect();
    this.observer = new IntersectionObserver((entries) => this.onNear(entries),
      {root: scrolls ? this.frame : null, rootMargin: '100% 0px'});
    this.watch();
  }

  /// On paper nobody comes near: every result that is chosen is there, below each other if the
  /// columns would not fit.
  beforePrint() {
    this.layout = this.frame.className;
    for (const element of this.unfolded) this.makeCells(element);
    const scrolled = this.frame.classList.contains('scrolls');
    if (!scrolled && this.columns.length <= PRINTED_COLUMNS) return;
    this.frame.classList.remove('scrolls');
    this.frame.classList.add('stacked');
  }

  afterPrint() {
    this.frame.className = this.layout;
  }

  /// The links of the grid are one stop of the Tab key; arrows move between them.
  keepOneStop() {
    const current = this.table.querySelector('a.result[tabindex="0"]');
    if (current && isVisible(current)) return;
    if (current) current.tabIndex = -1;
    const first = [...this.table.querySelectorAll('a.result')].find(isVisible);
    if (first) first.tabIndex = 0;
  }

  onFocus(event) {
    if (!event.target.matches('a.result')) return;
    for (const old of this.table.querySelectorAll('a.result[tabindex="0"]')) old.tabIndex = -1;
    event.target.tabIndex = 0;
  }

  onKey(event) {
    const cell = event.target.closest('td, th');
    if (!cell || event.ctrlKey || event.altKey || event.metaKey) return;
    const next = this.neighbour(cell, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  neighbour(cell, key) {
    const stop = (one) => one && one.querySelector('a.result, button.fold');
    const stops = [...cell.parentElement.children].map(stop).filter(Boolean);
    const at = stops.indexOf(stop(cell));
    switch (key) {
      case 'ArrowLeft': return stops[at - 1];
      case 'ArrowRight': return stops[at + 1];
      case 'Home': return stops[0];
      case 'End': return stops[stops.length - 1];
      case 'ArrowUp':
      case 'ArrowDown': {
        const rows = [...this.table.rows].filter(isVisible);
        const step = key === 'ArrowUp' ? -1 : 1;
        for (let i = rows.indexOf(cell.parentElement) + step; rows[i]; i += step) {
          this.makeCells(rows[i]);
          const found = stop(rows[i].children[cell.cellIndex]) || stop(rows[i]);
          if (found) return found;
        }
        return null;
      }
      default: return null;
    }
  }
}

function isVisible(element) {
  return element.offsetParent !== null;
}

function countResults(results) {
  const counts = Object.fromEntries(OUTCOMES.map(([name]) => [name, 0]));
  for (const {outcome} of results) counts[outcome] += 1;
  return counts;
}

/// A bar of the outcomes, for the eye alone: the numbers stand beside it.
function bar(counts, total) {
  const element = h('span', {class: 'bar', 'aria-hidden': 'true'});
  for (const [name] of [...OUTCOMES].reverse()) {
    if (!counts[name]) continue;
    const part = h('span', {class: `part ${name}`});
    part.style.flexGrow = counts[name] / total;
    element.append(part);
  }
  return element;
}

function shortRunName(run) {
  const {name, role} = run.implementation;
  return `${name} ${role}`;
}

function nothingText(run) {
  return run.status === 'not_run' ? 'not run' : 'not selected';
}

const VERDICT_TONES = {
  'OK': 'ok', 'pass': 'ok', 'NON-STRICT': 'non_strict', 'non_strict': 'non_strict',
  'INFORMATIONAL': 'informational', 'informational': 'informational',
};

/// The look of a verdict: its own if it is a good one, else that of the outcome.
function verdictTone({verdict, outcome}) {
  return outcome === 'unexpected_pass' ? outcome : VERDICT_TONES[verdict] || outcome;
}

/// The look of a close verdict that is not a good one, else null.
function closeTone({close_verdict: verdict, outcome}) {
  if (!verdict || VERDICT_TONES[verdict]) return null;
  return outcome === 'expected_failure' ? outcome : 'failed';
}

/// Autobahn's verdicts on its case, if its users take them for a failure; else ''.
function compatibleFailure({compatible}) {
  if (!compatible) return '';
  const {behavior, behavior_close: close} = compatible;
  return [behavior === 'FAILED' && behavior, !VERDICT_TONES[close] && close]
    .filter(Boolean).join(' / ');
}

function closeCell(result, bad) {
  const failure = compatibleFailure(result);
  if (failure) return [icon('failed'), h('span', {}, `Autobahn: ${failure}`)];
  if (!result.close_verdict && !result.compatible) return '';
  if (bad) return [icon(bad), h('span', {}, result.close_verdict)];
  return result.remote_close_code === undefined ? 'no code' : `close ${result.remote_close_code}`;
}

function resultLabel(run, id, result) {
  return [
    id, shortRunName(run), result.verdict,
    result.close_verdict && `close ${result.close_verdict}`,
    result.remote_close_code && `code ${result.remote_close_code}`,
    {expected_failure: 'expected failure', unexpected_pass: 'unexpected pass'}[result.outcome],
    formatDuration(result.duration_ms),
  ].filter(Boolean).join(', ');
}

const STATUSES = {
  passed: ['ok', 'Passed'],
  failed: ['failed', 'Failed'],
  not_run: ['missing', 'Not run'],
  interrupted: ['missing', 'Interrupted'],
  incomplete: ['missing', 'Incomplete'],
  endpoint_dead: ['failed', 'Endpoint dead'],
  harness_error: ['failed', 'Harness error'],
};

function statusTag(run) {
  const [name, text] = STATUSES[run.status];
  return h('span', {class: `status ${name}`}, icon(name), text);
}

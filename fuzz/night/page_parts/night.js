// The page of a night, built from the data that stands in it.
'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);

/** An element with attributes and children, which are elements or text. */
function make(name, attributes = {}, ...children) {
  const svg = ['svg', 'path', 'line', 'text', 'title', 'polyline'].includes(name);
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', name)
                      : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const percent = (covered, total) => (total ? `${(100 * covered / total).toFixed(1)} %` : '-');
const whole = (number) => Math.round(number).toLocaleString('en');

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.floor(seconds)} s`;
}

const clock = (seconds) => new Date(1000 * seconds).toLocaleString('en-GB');

function showSummary() {
  const end = data.ended ? `to ${clock(data.ended)}` : 'and not at its end yet';
  $('when').textContent = `From ${clock(data.started)} ${end}, ${duration(data.spent)} of fuzzing on ` +
    `${data.cores} ${data.cores === 1 ? 'core' : 'cores'}.`;
  const count = data.findings.length;
  const verdict = $('verdict');
  verdict.classList.add(count || data.broken.length ? 'bad' : 'ok');
  verdict.textContent = count ? `${count} ${count === 1 ? 'cause' : 'causes'} of failure found.`
    : data.broken.length ? 'Nothing found, but not every target could run.' : 'Nothing found.';
  const last = data.history.at(-1)?.total ?? [0, 0];
  const figures = {
    'Executions': whole(data.executions),
    'Per second and core': whole(data.executions / Math.max(1, data.core_seconds)),
    'Coverage': percent(...last),
    'Last find': data.last_find ? new Date(1000 * data.last_find).toLocaleTimeString('en-GB') : 'none',
    'Findings': String(count),
  };
  for (const [name, value] of Object.entries(figures)) {
    $('figures').append(make('div', {}, make('dt', {}, name), make('dd', {}, value)));
  }
  for (const text of data.todo) $('todo').append(make('li', {}, ...withCode(text)));
  for (const {at, text} of data.notes) $('notes').append(make('li', {}, `${clock(at)}: ${text}`));
  if (!data.notes.length) $('notes').append(make('li', {}, 'Nothing out of the ordinary.'));
}

/** Text in which `..` is code. */
function withCode(text) {
  return text.split('`').map((part, i) => (i % 2 ? make('code', {}, part) : part));
}

function copyable(command) {
  const button = make('button', {type: 'button'}, 'Copy');
  const code = make('pre', {}, command);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
  });
  return make('div', {class: 'copy'}, code, button);
}

function showFindings() {
  if (!data.findings.length) $('findings').append(make('p', {}, 'None.'));
  for (const each of data.findings) {
    const facts = {
      'Target': each.target,
      'Where': each.frames.join(' in ') || 'unknown',
      'Seen': `${whole(each.times)} ${each.times === 1 ? 'input' : 'inputs'}, first ${clock(each.found_at)}, ` +
        `by ${each.engine}; again in ${each.replays} replays`,
      'Input': `${each.minimised_size} bytes, of ${each.size} as it was found`,
      'Files': each.folder,
    };
    const list = make('dl');
    for (const [name, value] of Object.entries(facts)) {
      list.append(make('dt', {}, name), make('dd', {}, value));
    }
    $('findings').append(make('article', {class: 'finding'},
      make('h3', {}, `${each.kind}: ${each.title}`), list, copyable(each.replay),
      make('details', {}, make('summary', {}, 'The input'), make('pre', {}, each.dump)),
      make('details', {}, make('summary', {}, 'The report'), make('pre', {}, each.report))));
  }
}

/** The points of a line of shares in a box; a single one is drawn as a line. */
function points(pairs, width, height, low, high) {
  const ends = pairs.length === 1 ? [[0, pairs[0][1]], [1, pairs[0][1]]] : pairs;
  return ends.map(([x, y]) => {
    const up = high > low ? (y - low) / (high - low) : 0.5;
    return `${(x * width).toFixed(1)},${(height - up * height).toFixed(1)}`;
  }).join(' ');
}

function showChart() {
  const history = data.history.filter((each) => each.total[1]);
  if (!history.length) {
    $('chart-caption').textContent = 'Coverage was not taken: it needs llvm-symbolizer, some time, and inputs that do not end the target.';
    return;
  }
  // In pixels of the page, so that its text has the size of other text.
  const [height, left, bottom] = [200, 44, 24];
  const width = Math.max(200, $('chart').clientWidth - left);
  const end = Math.max(data.spent, 1);
  const pairs = history.map(({spent, total}) => [Math.min(1, spent / end), total[0] / total[1]]);
  const shares = pairs.map(([, share]) => share);
  const low = Math.floor(Math.min(...shares) * 50) / 50;
  const high = Math.max(low + 0.02, Math.ceil(Math.max(...shares) * 50) / 50);
  const svg = make('svg', {viewBox: `0 0 ${width + left} ${height + bottom + 8}`, role: 'img',
    'aria-label': `Coverage from ${(100 * shares[0]).toFixed(1)} to ${(100 * shares.at(-1)).toFixed(1)} percent`});
  for (const part of [0, 0.5, 1]) {
    const y = 8 + height - part * height;
    svg.append(make('line', {class: 'grid', x1: left, x2: left + width, y1: y, y2: y}),
      make('text', {x: left - 6, y: y + 4, 'text-anchor': 'end'},
        `${(100 * (low + part * (high - low))).toFixed(0)} %`));
  }
  for (const part of [0, 0.5, 1]) {
    svg.append(make('text', {x: left + part * width, y: height + bottom + 4,
      'text-anchor': ['start', 'middle', 'end'][2 * part]}, duration(part * end)));
  }
  svg.append(make('polyline', {class: 'curve', transform: `translate(${left} 8)`,
    points: points(pairs, width, height, low, high)}));
  $('chart').replaceChildren(svg);
  $('chart-caption').textContent = `All files together, ${history.length} looks; the time that was fuzzed from left to right.`;
}

const fileRows = [];

function collectFiles() {
  const looks = data.history.filter((each) => Object.keys(each.files).length);
  const last = looks.at(-1)?.files ?? {};
  for (const [name, [covered, total]] of Object.entries(last)) {
    const line = looks.filter((each) => each.files[name])
      .map((each) => [Math.min(1, each.spent / Math.max(1, data.spent)), each.files[name][0]]);
    fileRows.push({name, covered: covered / total, missed: total - covered, gained: covered - line[0][1],
      counts: `${covered} of ${total}`, total, line});
  }
}

function sparkline({line, total, name}) {
  return make('svg', {class: 'spark', viewBox: '0 0 112 22', preserveAspectRatio: 'none', role: 'img',
    'aria-label': `${name}: from ${line[0][1]} to ${line.at(-1)[1]} of ${total} edges`},
    make('polyline', {class: 'curve', transform: 'translate(1 2)', points: points(line, 110, 18, 0, total)}));
}

let order = {by: 'missed', down: true};

function showFiles() {
  const wanted = $('file-filter').value.toLowerCase();
  const rows = fileRows.filter(({name}) => name.toLowerCase().includes(wanted)).sort((a, b) => {
    const difference = typeof a[order.by] === 'string' ? a[order.by].localeCompare(b[order.by])
      : a[order.by] - b[order.by];
    return (order.down ? -difference : difference) || a.name.localeCompare(b.name);
  });
  const body = document.querySelector('#files tbody');
  body.replaceChildren(...rows.map((row) => make('tr', {},
    make('th', {scope: 'row'}, make('code', {}, row.name)),
    make('td', {class: 'number', title: row.counts},
      make('span', {class: 'bar'}, make('span', {style: `width:${100 * row.covered}%`})),
      `${(100 * row.covered).toFixed(1)} %`),
    make('td', {class: 'number'}, whole(row.missed)),
    make('td', {class: 'number'}, row.gained > 0 ? `+${row.gained}` : String(row.gained)),
    make('td', {}, sparkline(row)))));
  if (!rows.length) {
    body.append(make('tr', {}, make('td', {colspan: 5}, fileRows.length ? 'No such file.' : 'Nothing was taken.')));
  }
  for (const button of document.querySelectorAll('[data-sort]')) {
    button.parentElement.setAttribute('aria-sort', button.dataset.sort !== order.by ? 'none'
      : order.down ? 'descending' : 'ascending');
  }
}

function showTables() {
  for (const each of data.targets) {
    document.querySelector('#targets tbody').append(make('tr', {},
      make('th', {scope: 'row'}, make('code', {}, each.name)),
      make('td', {class: 'number'}, whole(each.executions)),
      make('td', {class: 'number'}, whole(each.executions / Math.max(1, each.seconds))),
      make('td', {class: 'number'}, duration(each.seconds)),
      make('td', {class: 'number'}, whole(each.edges)),
      make('td', {class: 'number'}, each.before ? `${whole(each.corpus)} of ${whole(each.before)}`
        : whole(each.corpus)),
      make('td', {}, each.problem ? `does not run: ${each.problem}`
        : each.last_find ? clock(each.last_find) : 'none')));
  }
  $('planted-section').hidden = !data.planted.length;
  for (const each of data.planted) {
    document.querySelector('#planted tbody').append(make('tr', {},
      make('td', {}, each.area), make('td', {}, each.fault), make('td', {}, make('code', {}, each.target)),
      make('td', {class: 'number'}, each.seconds === null ? 'not found' : each.seconds.toFixed(1)),
      make('td', {}, each.cause)));
  }
}

function useTheme(dark) {
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  $('theme').textContent = dark ? 'Light' : 'Dark';
  $('theme').setAttribute('aria-pressed', String(dark));
}

useTheme(matchMedia('(prefers-color-scheme: dark)').matches);
$('theme').addEventListener('click', () => useTheme(document.documentElement.dataset.theme !== 'dark'));
$('file-filter').addEventListener('input', showFiles);
for (const button of document.querySelectorAll('[data-sort]')) {
  button.addEventListener('click', () => {
    const by = button.dataset.sort;
    order = {by, down: order.by === by ? !order.down : by !== 'name'};
    showFiles();
  });
}
showSummary();
showFindings();
showChart();
addEventListener('resize', showChart);
collectFiles();
showFiles();
showTables();

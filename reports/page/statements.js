// The statements of the RFCs: for each run the worst of the cases that check one, and the cases.
'use strict';

// Verdicts as the matrix shows them, and their words.
const STATEMENT_RESULTS = {
  pass: ['ok', 'pass'],
  informational: ['informational', 'informational'],
  non_strict: ['non_strict', 'non-strict'],
  unsupported: ['unsupported', 'unsupported'],
  fail: ['failed', 'fail'],
  harness_error: ['missing', 'harness error'],
};

function statementResult(result) {
  if (!result) return h('td', {class: 'muted'}, '–');
  const [name, word] = STATEMENT_RESULTS[result];
  return h('td', {}, h('span', {class: `word ${name}`}, icon(name), word));
}

/// The cases of a statement, as links into the first of the runs that has a result; they are made
/// when the reader asks for them.
function statementCases(index, statement) {
  if (!statement.cases.length && !statement.rules.length) {
    return statement.reasons && h('span', {class: 'muted'}, `not checked: ${statement.reasons}`);
  }
  const count = statement.cases.length;
  const label = count ? `${formatCount(count)} ${count === 1 ? 'case' : 'cases'}` : 'Every case';
  const list = h('p', {class: 'statement-cases'});
  const details = h('details', {}, h('summary', {}, label), list);
  details.addEventListener('toggle', () => {
    if (list.hasChildNodes()) return;
    append(list, statement.cases.map((row) => {
      const run = index.runs.find((one) => one.results[row]);
      const {id} = index.cases[row];
      return [h('a', {href: formatState({case: `${run.id}/${id}`})}, id), ' '];
    }));
    if (statement.rules.length) {
      append(list, [h('span', {class: 'muted'}, `in every case: ${statement.rules.join(', ')}`)]);
    }
  });
  return details;
}

function statementTable(index, statements) {
  const columns = index.runs.map((run, at) => ({run, at}))
    .filter(({at}) => statements.some(({results}) => results[at]));
  return h('div', {class: 'statements-frame', tabindex: '0'}, h('table', {class: 'statements'},
    h('thead', {}, h('tr', {},
      ['Statement', 'Level', ''].map((text) => h('th', {scope: 'col'}, text)),
      columns.map(({run}) => h('th', {scope: 'col'}, shortRunName(run))),
      h('th', {scope: 'col'}, 'Checked by'))),
    h('tbody', {}, statements.map((statement) => h('tr', {},
      h('th', {scope: 'row'}, statement.id.replace(/^RFC\d+-/, '')),
      h('td', {class: 'statement-level'}, statement.level),
      h('td', {class: 'statement-text'}, statement.text),
      columns.map(({at}) => statementResult(statement.results[at])),
      h('td', {}, statementCases(index, statement)))))));
}

function buildStatements(index) {
  const {statements} = index;
  if (!statements) return;
  byId('statements').hidden = false;
  const rfcs = [...new Set(statements.map(({id}) => id.slice(0, id.indexOf('-'))))];
  append(byId('rfcs'), rfcs.map((rfc) => {
    const own = statements.filter(({id}) => id.startsWith(`${rfc}-`));
    const broken = own.filter(({results}) => results.includes('fail')).length;
    return h('details', {class: 'rfc'},
      h('summary', {}, h('b', {}, `RFC ${rfc.slice(3)}`), ` ${formatCount(own.length)} statements`,
        broken > 0 && h('span', {class: 'word failed'}, icon('failed'), `${broken} broken`)),
      statementTable(index, own));
  }));
}

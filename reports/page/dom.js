// Small tools for building the page. Text from run files only ever becomes text nodes and
// attribute values here, never markup.
'use strict';

const SVG = 'http://www.w3.org/2000/svg';

/// Makes an element. `attributes` whose value is null or false are left out, functions become
/// listeners ({onclick: f}); `children` are nodes, texts, arrays of them, or null.
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

function byId(id) {
  return document.getElementById(id);
}

/// A definition list of [term, value] pairs; pairs without a value are left out.
function facts(pairs) {
  return h('dl', {class: 'facts'},
    pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))));
}

/// Shows `items` a part at a time, with a button for the next part; `show` makes a node of one.
function inParts(list, items, show, size, unit) {
  const more = h('button', {type: 'button', class: 'quiet more'});
  let shown = 0;
  function next() {
    const part = items.slice(shown, shown + size).map((item, index) => show(item, shown + index));
    shown += part.length;
    append(list, part);
    const left = items.length - shown;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(size, left)} more of ${items.length} ${unit}`;
    return part[0];
  }
  more.addEventListener('click', () => {
    const first = next();
    first.tabIndex = -1;
    first.focus();
  });
  next();
  return items.length > size ? [list, more] : [list];
}

function formatCount(number) {
  return number.toLocaleString('en-US');
}

function formatDuration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '';
  if (milliseconds < 1000) return `${Math.round(milliseconds * 10) / 10} ms`;
  if (milliseconds < 60000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function formatStarted(text) {
  return text.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}

// Writes to the DOM that skip what is already there, so that a snapshot without news costs nothing.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * The element of index.html with this id; one that must be of some kind is asked for by its class.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (kind && !(element instanceof kind)) throw new TypeError(`#${id} is no ${kind.name}`);
  return /** @type {Kind} */ (element);
}

/** null removes the attribute. */
export function setAttribute(element, name, value) {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value);
  }
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** A drawing from icons.svg in the colour of the text around it. */
export function makeIcon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(document.createElementNS(SVG, 'use'));
  setIcon(svg, name);
  return svg;
}

export function setIcon(svg, name) {
  setAttribute(svg.querySelector('use'), 'href', `icons.svg#${name}`);
}

/** A copy of what the <template> with this id holds: its one root element. */
export function fromTemplate(id) {
  const { firstElementChild } = byId(id, HTMLTemplateElement).content;
  return /** @type {HTMLElement} */ (firstElementChild.cloneNode(true));
}

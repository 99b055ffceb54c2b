// Small helpers to build and find elements.

/**
 * The element with this id, which must be there.
 *
 * @template {Element} T
 * @param {string} id
 * @param {{ new (): T }} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${type.name} with the id ${id}.`);
}

/**
 * The elements below a node that fit a selector.
 *
 * @template {Element} T
 * @param {ParentNode} below
 * @param {string} selector
 * @param {{ new (): T }} type
 * @returns {T[]}
 */
export function all(below, selector, type) {
  return [...below.querySelectorAll(selector)].flatMap((element) => (element instanceof type ? [element] : []));
}

/**
 * The one element below a node that fits a selector, which must be there.
 *
 * @template {Element} T
 * @param {ParentNode} below
 * @param {string} selector
 * @param {{ new (): T }} type
 * @returns {T}
 */
export function one(below, selector, type) {
  const [element] = all(below, selector, type);
  if (element !== undefined) return element;
  throw new Error(`The page has no ${type.name} that fits ${selector}.`);
}

/**
 * A new element with a class and content; texts become text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...content);
  return element;
}

/**
 * Sets a text only when it changes: what is selected or focused stays so.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {number} time milliseconds since 1970 */
export function clock(time) {
  const date = new Date(time);
  const seconds = date.toLocaleTimeString('en-GB');
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/**
 * A text whose control and direction characters are shown as codes: what a peer sends must not dress up as something else.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** @param {number} value */
export function counted(value) {
  return value.toLocaleString('en');
}

/** @param {number} bytes */
export function amount(bytes) {
  if (bytes < 10_000) return `${counted(bytes)} B`;
  return bytes < 10_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

// A form of one side: which fields are shown, what is in them, and which one is wrong.

import { all, one } from './dom.js';
import { act, ActionError } from './link.js';

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

export class SideForm {
  /**
   * @param {HTMLFormElement} form
   * @param {'server' | 'client'} side
   */
  constructor(form, side) {
    this.form = form;
    this.side = side;
    this.problem = one(form, '.problem', HTMLElement);
    this.problem.id = `${side}-problem`;
    form.addEventListener('change', () => {
      this.showProof();
      // What is typed survives a reload in the process.
      void act(`keep-${side}-form`, this.fields()).catch(() => undefined);
    });
  }

  /** @returns {Field[]} */
  inputs() {
    return [...all(this.form, 'input', HTMLInputElement), ...all(this.form, 'textarea', HTMLTextAreaElement)];
  }

  /** What the form holds, by name; of fields with one name, those that are shown. */
  fields() {
    /** @type {Record<string, string | boolean>} */
    const fields = {};
    for (const input of this.inputs()) {
      if (input.type === 'radio') {
        if (input instanceof HTMLInputElement && input.checked) fields[input.name] = input.value;
      } else if (input instanceof HTMLInputElement && input.type === 'checkbox') {
        if (!this.isHidden(input)) fields[input.name] = input.checked;
      } else fields[input.name] = input.value;
    }
    return fields;
  }

  /** @param {Element} input */
  isHidden(input) {
    return input.closest('[hidden]') !== null;
  }

  /** @param {import('../fields').Fields} fields */
  fill(fields) {
    for (const input of this.inputs()) {
      const value = fields[input.name];
      if (input instanceof HTMLInputElement && input.type === 'radio') input.checked = value === undefined ? input.checked : input.value === value;
      else if (input instanceof HTMLInputElement && input.type === 'checkbox') input.checked = value === true;
      else if (typeof value === 'string') input.value = value;
    }
    this.showProof();
  }

  /** Shows the fields of the chosen kind of proof. */
  showProof() {
    const { credentials } = this.fields();
    for (const panel of all(this.form, '[data-proof]', HTMLElement)) panel.hidden = panel.dataset['proof'] !== credentials;
  }

  /**
   * Runs an action, and shows what is wrong when it is refused.
   *
   * @param {string} name
   * @param {Record<string, string | boolean>} [body]
   */
  async run(name, body) {
    this.clearProblem();
    try {
      await act(name, body);
    } catch (error) {
      this.showProblem(error instanceof ActionError ? error : new ActionError('', String(error)));
    }
  }

  clearProblem() {
    this.problem.replaceChildren();
    for (const input of this.inputs()) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    }
  }

  /** @param {ActionError} error */
  showProblem({ field, message }) {
    this.problem.textContent = message;
    const shown = this.inputs().find((input) => input.name === field && !this.isHidden(input));
    if (shown === undefined) return;
    shown.setAttribute('aria-invalid', 'true');
    shown.setAttribute('aria-describedby', this.problem.id);
    const details = shown.closest('details');
    if (details !== null) details.open = true;
    shown.focus();
  }
}

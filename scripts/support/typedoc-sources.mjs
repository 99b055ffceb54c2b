// A plugin of typedoc. Our comments end in lines that say where a member comes from ("Qt: ...", "node:dtls: ...") or how it
// differs; for typedoc they would be the end of the last tag. It puts them behind the summary, each as a paragraph of its own.

import { Converter } from 'typedoc';

const LINE = /\n\s*(?=(?:Differs from Qt|Qt|node:dtls|Source): )/;

/** @param {import('typedoc').Comment} comment */
function moveSources(comment) {
  for (const { content } of comment.blockTags) {
    for (const part of content) {
      const [text = '', ...lines] = part.text.split(LINE);
      part.text = text;
      comment.summary.push(...lines.map((line) => ({ kind: /** @type {const} */ ('text'), text: `\n\n${line}` })));
    }
  }
  for (const part of comment.summary) if (part.kind === 'text') part.text = part.text.split(LINE).join('\n\n');
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const { comment } of Object.values(project.reflections)) if (comment !== undefined) moveSources(comment);
  });
}

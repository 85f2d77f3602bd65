// The two editors: YAML with CEL, marked where something is wrong. Tab leaves them, as it leaves any field.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { yamlWithCel } from './cel.js';
import { rangeOf } from './places.js';

const colour = (name) => ({ color: `var(--code-${name})` });

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, ...colour('comment'), fontStyle: 'italic' },
  { tag: [tags.definition(tags.propertyName)], ...colour('key') },
  { tag: [tags.string, tags.special(tags.string)], ...colour('string') },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], ...colour('number') },
  { tag: tags.keyword, ...colour('keyword'), fontWeight: '600' },
  { tag: [tags.function(tags.variableName), tags.typeName], ...colour('function') },
  { tag: tags.special(tags.variableName), ...colour('special') },
  { tag: [tags.propertyName, tags.variableName, tags.content], ...colour('text') },
  { tag: [tags.operator, tags.punctuation, tags.separator, tags.meta, tags.bracket], ...colour('punctuation') },
]);

/** Makes an editor; `changed` is told of what a person typed. */
export function editor(parent, label, describedBy, changed) {
  let showing = false;
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        lineNumbers(), foldGutter(), lintGutter(), highlightActiveLineGutter(), history(), drawSelection(),
        indentOnInput(), bracketMatching(), highlightActiveLine(), yamlWithCel, syntaxHighlighting(COLOURS),
        keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
        EditorView.cspNonce.of('kordon'),
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy, tabindex: '0', spellcheck: 'false' }),
        EditorView.updateListener.of((update) => update.docChanged && !showing && changed()),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    /** Puts another text in; undoing takes it back. */
    show(text) {
      showing = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
      showing = false;
      view.scrollDOM.scrollTop = 0;
    },
    /** Underlines places: `{ place, severity, message, source }`. */
    mark(marks) {
      const { doc } = view.state;
      const diagnostics = marks.map(({ place, ...mark }) => ({ ...rangeOf(doc, place), ...mark }));
      view.dispatch(setDiagnostics(view.state, diagnostics.sort((one, other) => one.from - other.from)));
    },
    /** Goes to a place. */
    go(place) {
      const { from, to } = rangeOf(view.state.doc, place);
      view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      view.focus();
    },
  };
}

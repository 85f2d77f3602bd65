// Lines and columns of the engine, which count characters from 1, and offsets of the editor, which count UTF-16 units.

/** The range that a place is about: to its end column, else a word, and never nothing. */
export function rangeOf(doc, { line, column, endLine = line, endColumn }) {
  const from = offset(doc, line, column);
  let to = endColumn ? offset(doc, endLine, endColumn) : from;
  if (!endColumn) {
    const rest = doc.lineAt(from).text.slice(from - doc.lineAt(from).from);
    to = from + (/^[\w./-]+|^\S/.exec(rest)?.[0].length ?? 0);
  }
  if (to <= from) to = Math.min(from + 1, doc.length);
  return { from: Math.min(from, to), to };
}

function offset(doc, line, column) {
  if (line > doc.lines) return doc.length;
  const { from, text } = doc.line(Math.max(line, 1));
  let units = 0;
  for (const character of text) {
    if (column <= 1) break;
    column -= 1;
    units += character.length;
  }
  return from + units;
}

// The colours of CEL, and YAML whose expressions have them.
import { LRLanguage, LanguageSupport, StreamLanguage } from '@codemirror/language';
import { yamlLanguage } from '@codemirror/lang-yaml';
import { parseMixed } from '@lezer/common';

const CONSTANTS = new Set(['true', 'false', 'null']);
const MACROS = new Set([
  'all', 'dyn', 'exists', 'exists_one', 'existsOne', 'filter', 'has', 'map', 'optMap', 'optFlatMap', 'transformList',
  'transformMap', 'bind',
]);
const VARIABLES = new Set([
  'object', 'oldObject', 'request', 'params', 'namespaceObject', 'authorizer', 'variables', 'self', 'oldSelf',
]);
const NUMBER = /^(0x[\da-f]+u?|\d+(\.\d+)?(e[+-]?\d+)?u?|\.\d+(e[+-]?\d+)?)/i;

const cel = StreamLanguage.define({
  name: 'cel',
  startState: () => ({ quote: '', raw: false, afterDot: false }),
  copyState: (state) => ({ ...state }),
  token(stream, state) {
    if (state.quote) return rest(stream, state);
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    const opening = stream.match(/^(r?b?|br)("""|'''|"|')/i);
    if (opening) {
      Object.assign(state, { quote: opening[2], raw: /r/i.test(opening[1]), afterDot: false });
      return rest(stream, state);
    }
    if (stream.match(NUMBER)) return 'number';
    const word = stream.match(/^[a-z_]\w*/i);
    if (word) return named(word[0], stream, state);
    state.afterDot = stream.peek() === '.';
    if (stream.match(/^(&&|\|\||[=!<>]=|[-+*/%<>!?:])/)) return 'operator';
    stream.next();
    return 'punctuation';
  },
  languageData: { commentTokens: { line: '//' } },
});

/** The rest of a string, as far as the line goes. */
function rest(stream, state) {
  const isLong = state.quote.length === 3;
  while (!stream.eol()) {
    if (stream.match(state.quote)) {
      state.quote = '';
      return 'string';
    }
    if (stream.next() === '\\' && !state.raw) stream.next();
  }
  // A block of YAML is folded into one line, but a text seldom goes over its end.
  if (!isLong) state.quote = '';
  return 'string';
}

function named(word, stream, state) {
  const { afterDot } = state;
  state.afterDot = false;
  const isCall = stream.match(/^\s*\(/, false);
  if (isCall) return MACROS.has(word) ? 'keyword' : 'variableName.function';
  if (afterDot) return 'propertyName';
  if (CONSTANTS.has(word)) return 'bool';
  if (word === 'in') return 'keyword';
  return VARIABLES.has(word) ? 'variableName.special' : 'variableName';
}

const KEYS = new Set(['expression', 'messageExpression', 'valueExpression', 'rule']);
const SCALARS = new Set(['BlockLiteralContent', 'Literal', 'QuotedLiteral']);

/** Where in YAML an expression stands. */
function expression(node, input) {
  if (!SCALARS.has(node.name)) return null;
  const scalar = node.name === 'BlockLiteralContent' ? node.node.parent : node.node;
  const pair = scalar?.parent;
  const key = pair?.name === 'Pair' ? pair.firstChild : null;
  if (key?.name !== 'Key' || !KEYS.has(input.read(key.from, key.to))) return null;
  const isQuoted = node.name === 'QuotedLiteral' && node.to - node.from > 2;
  return { parser: cel.parser, overlay: isQuoted ? [{ from: node.from + 1, to: node.to - 1 }] : undefined };
}

export const celLanguage = cel;

export const yamlWithCel = new LanguageSupport(
  LRLanguage.define({
    name: 'yaml',
    parser: yamlLanguage.parser.configure({ wrap: parseMixed(expression) }),
    languageData: { commentTokens: { line: '#' }, indentOnInput: /^\s*[\]\}]$/ },
  }),
);

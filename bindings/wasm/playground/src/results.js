// What came of the texts, as a part of the page. Everything that was typed is only ever text.

/** Makes an element. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child || child === ''));
  return made;
}

const counted = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

const SYMBOLS = { allowed: '✓', denied: '✕', error: '!', warned: '!', passive: '–' };

function badge(kind, text) {
  return element('span', { class: `badge ${kind}` }, element('span', { 'aria-hidden': 'true' }, SYMBOLS[kind]), ` ${text}`);
}

/** The answer in one sentence, which is also read out. */
export function verdict({ summary, findings, problems, decisions }, milliseconds) {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const denied = decisions.filter(({ allowed }) => !allowed).length;
  const objects = counted(decisions.length, 'object');
  const parts = [counted(findings.length, 'finding'), counted(summary.warnings, 'warning')];
  if (errors.length > 0) parts.unshift(`${denied} of ${objects} denied`);
  const cost = decisions.reduce((sum, object) => sum + object.cost, 0);
  parts.push(`cost ${cost.toLocaleString('en')}`, `${milliseconds < 1 ? 'under 1' : Math.round(milliseconds)} ms`);
  const numbers = element('span', { class: 'numbers' }, parts.join(' · '));
  if (errors.length > 0) {
    return ['error', element('strong', {}, `${counted(errors.length, 'error')} in the texts`), numbers];
  }
  if (denied > 0) return ['denied', element('strong', {}, `Denied: ${denied} of ${objects}`), numbers];
  return ['allowed', element('strong', {}, `Allowed: ${objects}`), numbers];
}

/** Objects with what every policy made of them, after what is wrong with the texts. */
export function results({ findings, problems, decisions }, go) {
  return [
    problems.length > 0 && problemList(problems, go),
    ...decisions.map((object) => objectPart(object, findings, go)),
  ].filter(Boolean);
}

function problemList(problems, go) {
  const ranks = { error: 0, warning: 1, note: 2 };
  const sorted = problems.toSorted((one, other) => ranks[one.severity] - ranks[other.severity]);
  const item = (problem) => element(
    'li', {},
    badge({ error: 'error', warning: 'warned' }[problem.severity] ?? 'passive', problem.severity), ' ',
    element('span', { class: 'message' }, problem.message), ' ',
    placeButton(problem, go),
    problem.help && element('p', { class: 'help' }, problem.help),
  );
  return element(
    'section', { class: 'card problems', 'aria-labelledby': 'problems' },
    element('h3', { id: 'problems' }, 'About the texts'), element('ul', {}, sorted.map(item)),
  );
}

function objectPart(object, findings, go) {
  const [matched, others] = [[], []];
  for (const policy of object.policies) (policy.matched ? matched : others).push(policy);
  return element(
    'section', { class: 'card object' },
    element(
      'h3', {}, badge(object.allowed ? 'allowed' : 'denied', object.allowed ? 'allowed' : 'denied'), ' ', object.object,
      element('span', { class: 'cost' }, `cost ${object.cost.toLocaleString('en')}`),
    ),
    object.status && element('pre', { class: 'status', tabindex: '0', 'aria-label': 'Message of the API server' }, object.status.message),
    matched.map((policy) => policyPart(policy, findings, go)),
    matched.length === 0 && element('p', { class: 'quiet' }, 'No policy matches this object.'),
    others.length > 0 && matched.length > 0
      && element('p', { class: 'quiet' }, `Not matched: ${others.map(({ policy }) => policy).join(', ')}`),
  );
}

function policyPart({ policy, cost, decisions }, findings, go) {
  const denials = decisions.filter(({ action }) => action === 'deny');
  const [kind, text] = denials.length > 0 ? ['denied', 'denies']
    : decisions.length === 0 ? ['passive', 'a match condition does not hold'] : ['allowed', 'admits'];
  return element(
    'details', { open: denials.length > 0, class: 'policy' },
    element(
      'summary', {}, badge(kind, text), ' ', element('code', {}, policy),
      element('span', { class: 'cost' }, `cost ${cost.toLocaleString('en')}`),
    ),
    element('ol', {}, decisions.map((decision) => decisionPart(decision, findings[decision.finding], go))),
  );
}

function decisionPart(decision, finding, go) {
  const kind = decision.evaluation === 'error' ? 'error' : decision.action === 'deny' ? 'denied' : 'allowed';
  const words = { error: decision.action === 'deny' ? 'error' : 'error, ignored', denied: 'denied', allowed: 'holds' };
  const { expression } = decision;
  const explanation = finding?.explanation ?? decision.explanation ?? [];
  return element(
    'li', { class: 'decision' },
    element(
      'p', {}, badge(finding?.action === 'warn' || finding?.action === 'audit' ? 'warned' : kind, finding && finding.action !== 'deny' ? `${finding.action}s` : words[kind]), ' ',
      decision.message && element('span', { class: 'message' }, decision.message),
      decision.auditAnnotation && element('span', { class: 'quiet' }, ` audit annotation ${decision.auditAnnotation}`),
    ),
    expression && element('pre', { class: 'expression', tabindex: '0', 'aria-label': 'Expression' }, expression.text),
    element(
      'p', { class: 'places' },
      finding && placeButton(finding, go, finding.path || finding.object),
      expression && placeButton(expression, go, 'expression'),
      finding && 'defaulted' in finding
        && element('span', { class: 'quiet' }, `set by the API server to ${JSON.stringify(finding.defaulted)}`),
    ),
    explanation.length > 0 && element(
      'details', { class: 'values' }, element('summary', {}, `Values (${explanation.length})`), valueTable(explanation),
    ),
  );
}

function valueTable(steps) {
  const row = ({ expression, value }) => element(
    'tr', {}, element('td', {}, element('code', {}, expression)), element('td', {}, element('code', {}, value)),
  );
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Part'), element('th', { scope: 'col' }, 'Value'));
  return element(
    'div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Values of the parts' },
    element('table', {}, element('thead', {}, head), element('tbody', {}, steps.map(row))),
  );
}

function placeButton(place, go, what) {
  if (!place.line) return undefined;
  const text = what ? `${what} · ${place.file}:${place.line}` : `${place.file}:${place.line}`;
  return element('button', { type: 'button', class: 'place', onclick: () => go(place) }, text);
}

/** What is underlined in each text. */
export function marks({ findings, problems, decisions }) {
  const found = { policies: [], objects: [] };
  const add = (file, mark) => found[file]?.push(mark);
  for (const { severity, message, help, ...place } of problems) {
    const level = { error: 'error', warning: 'warning' }[severity] ?? 'info';
    if (place.line) add(place.file, { place, severity: level, message: help ? `${message} (${help})` : message });
  }
  for (const finding of findings) {
    const severity = { deny: 'error', warn: 'warning' }[finding.action] ?? 'info';
    add(finding.file, { place: finding, severity, message: finding.message, source: finding.policy });
  }
  const denied = decisions.flatMap(({ object, policies }) =>
    policies.flatMap(({ decisions: made }) => made.map((decision) => ({ object, ...decision }))))
    .filter(({ expression, action }) => expression && action === 'deny');
  for (const { object, expression, message } of denied) {
    add(expression.file, { place: expression, severity: 'hint', message: `${object}: ${message}` });
  }
  return found;
}

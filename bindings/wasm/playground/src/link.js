// What is shown, as the fragment of an address and back. A fragment comes from anyone: its size, what it unpacks to and
// what it holds are checked, and nothing of it is ever more than text.

export const VERSIONS = ['1.37', '1.36', '1.35', '1.34', '1.33', '1.32', '1.31', '1.30'];
export const VIEWS = ['admitted', 'written'];
export const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'];

const PREFIX = '#v1/';
const MOST_CHARACTERS = 500_000;
const MOST_BYTES = 1_000_000;

/** The fragment for what is shown. */
export async function write({ policies, objects, version, view, operation }) {
  const text = JSON.stringify({ policies, objects, version, view, operation });
  const packed = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text), Infinity);
  const letters = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  return PREFIX + btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** What a fragment asks to show; `undefined` when it is none of ours. Throws an error for people. */
export async function read(fragment) {
  if (!/^#v\d+\//.test(fragment)) return undefined;
  if (!fragment.startsWith(PREFIX)) throw new Error('the link is of a newer playground');
  if (fragment.length > MOST_CHARACTERS) throw new Error('the link is too long');
  return checked(parsed(await unpacked(fragment.slice(PREFIX.length))));
}

async function unpacked(letters) {
  if (!/^[\w-]*$/.test(letters)) throw new Error('the link is damaged');
  let bytes;
  try {
    const packed = atob(letters.replaceAll('-', '+').replaceAll('_', '/'));
    bytes = await through(
      new DecompressionStream('deflate-raw'), Uint8Array.from(packed, (letter) => letter.charCodeAt(0)), MOST_BYTES,
    );
  } catch (error) {
    throw error instanceof TooLarge ? new Error('the link unpacks to too much') : new Error('the link is damaged');
  }
  return new TextDecoder().decode(bytes);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the link is damaged');
  }
}

function checked(given) {
  const { policies, objects, version = VERSIONS[0], view = VIEWS[0], operation = OPERATIONS[0] } = Object(given);
  const texts = [policies, objects].every((text) => typeof text === 'string');
  const known = VERSIONS.includes(version) && VIEWS.includes(view) && OPERATIONS.includes(operation);
  if (!texts || !known) throw new Error('the link holds something else');
  return { policies, objects, version, view, operation };
}

class TooLarge extends Error {}

/** Bytes through a stream that transforms them, as long as what comes out is not too much. */
export async function through(transform, bytes, most) {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      reader.cancel().catch(() => {});
      throw new TooLarge();
    }
    chunks.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

// Asks the engine, one question at a time; of those that wait only the last counts.

const LONGEST = 5_000;
const LONGEST_START = 30_000;

export class Checker {
  #source;
  #module;
  #worker;
  #ready;
  #busy = false;
  #waiting;

  constructor(workerSource, module) {
    this.#source = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
    this.#module = module;
    this.#start();
  }

  /** The version of the engine. */
  version() {
    return this.#ready;
  }

  /** What comes of texts; `undefined` when a later question took the place of this one. */
  check(question) {
    this.#waiting?.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiting = { question, resolve, reject };
      this.#next();
    });
  }

  async #next() {
    if (this.#busy || !this.#waiting) return;
    const { question, resolve, reject } = this.#waiting;
    this.#waiting = undefined;
    this.#busy = true;
    try {
      await this.#ready;
      resolve(await this.#ask(question, LONGEST));
    } catch (error) {
      reject(error);
      if (error.fatal) this.#start();
    }
    this.#busy = false;
    this.#next();
  }

  #start() {
    this.#worker?.terminate();
    this.#worker = new Worker(this.#source, { name: 'kordon' });
    this.#ready = this.#ask({ module: this.#module }, LONGEST_START).then(({ ready }) => ready);
    // Whoever asks is told.
    this.#ready.catch(() => {});
  }

  #ask(message, longest) {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(`no answer within ${longest / 1000} seconds`), longest);
      const fail = (reason, fatal = true) => {
        clearTimeout(timer);
        if (fatal) console.error(`kordon: the engine failed and is started anew: ${reason}`);
        reject(Object.assign(new Error(reason), { fatal }));
      };
      worker.onerror = (event) => {
        event.preventDefault();
        fail(event.message ?? 'the engine could not be started');
      };
      worker.onmessage = ({ data }) => {
        if ('message' in data) return fail(data.message, data.fatal);
        clearTimeout(timer);
        resolve(data);
      };
      worker.postMessage(message);
    });
  }
}

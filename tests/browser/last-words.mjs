// What failed and why, as the very last lines: of a long log often only the end is kept.

const REASON_LINES = 6;

export default class LastWords {
  #failed = [];

  onTestEnd(test, { status, errors }) {
    if (status !== test.expectedStatus && status !== 'skipped') {
      const lines = errors.flatMap(({ message = '' }) => message.split('\n').filter((line) => line.trim() !== ''));
      this.#failed.push([test.title, ...lines.slice(0, REASON_LINES)].join('\n  '));
    }
  }

  onExit() {
    for (const words of this.#failed) {
      console.log(words);
    }
  }
}

const FAILED = { refused: "This browser could not compute the forecast." };

/**
 * Computes in a worker made of a script's text, one question at a time: a newer one ends the one before it.
 * @param {string} code it answers each message by one
 */
export function makeAsker(code) {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  let worker = null;
  let busy = false;
  const end = () => {
    worker?.terminate();
    worker = null;
    busy = false;
  };
  /** Ends what is being computed. */
  const cancel = () => busy && end();
  const ask = (question, take) => {
    cancel();
    worker ??= new Worker(url);
    busy = true;
    const mine = worker;
    mine.onmessage = ({ data }) => {
      // What it had sent when it was ended.
      if (mine !== worker) return;
      busy = false;
      take(data);
    };
    mine.onerror = () => {
      if (mine !== worker) return;
      end();
      take(FAILED);
    };
    mine.postMessage(question);
  };
  return { ask, cancel };
}

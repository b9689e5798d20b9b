/** One step of work in progress. A stage reports; the terminal, a notebook or a test listens. */
export interface ProgressEvent {
  /** The stage, as the command is called: `ingest`, `daily` … */
  stage: string;
  /** What is being done, in a few words: a file's name, a year. */
  note: string;
  /** Units done so far and in all, where a total is known. */
  done?: number;
  total?: number;
}

export type Progress = (event: ProgressEvent) => void;

export const silent: Progress = () => {};

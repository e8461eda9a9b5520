import { colourPaint, plainPaint } from './paint';
import { pageWidth, type Page } from './text-layout';

export interface TerminalOptions {
  json: boolean;
  quiet: boolean;
  color: boolean;
}

/** What a command speaks through: results on stdout, everything else on stderr. */
export interface Terminal {
  /** How results are laid out. */
  page: Page;
  json: boolean;
  quiet: boolean;
  /** Where bars are drawn; null where nobody would see them, or wants to. */
  bars: NodeJS.WriteStream | null;
  /** Lines of the result; nothing with --json. */
  print: (lines: readonly string[]) => void;
  /** The one document of --json; nothing otherwise. */
  printJson: (value: unknown) => void;
  /** A line about what goes on; nothing with --json or --quiet. */
  note: (line: string) => void;
  /** What went wrong; always said. */
  complain: (lines: readonly string[]) => void;
}

/** Colours only where a person looks: on a terminal, without NO_COLOR and --no-color. */
export function openTerminal({ json, quiet, color }: TerminalOptions): Terminal {
  const { stdout, stderr } = process;
  const colourful = (stream: NodeJS.WriteStream): boolean =>
    color && stream.isTTY && stream.hasColors();
  const write = (stream: NodeJS.WriteStream, lines: readonly string[]): void => {
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
  };
  return {
    page: {
      width: pageWidth(stdout.isTTY ? stdout.columns : undefined),
      paint: colourful(stdout) ? colourPaint : plainPaint,
    },
    json,
    quiet,
    bars: stderr.isTTY && !json && !quiet ? stderr : null,
    print: (lines) => {
      if (!json) write(stdout, lines);
    },
    printJson: (value) => {
      if (json) write(stdout, [JSON.stringify(value, null, 2)]);
    },
    note: (line) => {
      if (!json && !quiet) write(stderr, [line]);
    },
    complain: (lines) => {
      const { bad } = colourful(stderr) ? colourPaint : plainPaint;
      write(
        stderr,
        lines.map((line, index) => (index === 0 ? bad(line) : line)),
      );
    },
  };
}

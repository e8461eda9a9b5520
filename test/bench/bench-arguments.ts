import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Given<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: boolean }>
>;

/**
 * What a benchmark was asked for. Null when it was asked for help, or for what there is not: then
 * the usage is printed, and nothing is to be done.
 */
export function benchArguments<const T extends Options>(
  usage: string,
  options: T,
  { allowPositionals = false } = {},
): Given<T> | null {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return null;
  }
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (cause) {
    // Node goes on to explain how an argument that begins with a dash is written.
    const [said = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    process.stderr.write(`${said}\n\n${usage}\n`);
    process.exitCode = 2;
    return null;
  }
}

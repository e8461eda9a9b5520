import type { Command } from 'commander';
import { action, type Means } from './command';
import type { Diagnosis } from './doctor/diagnosis';
import { examine } from './doctor/examine';
import { exitCodes } from './exit-code';
import { renderDiagnosis } from './render-diagnosis';
import { counted } from './text-layout';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('examine everything that a run needs')
    .description(
      'Examines configuration, machine, database, files, controls and Slack; ' +
        'says what to do.\n' +
        'Exit code 1: something fails. What only warns leaves it at 0.',
    )
    .action(action(doctor));
}

async function doctor({ session, terminal, globals }: Means): Promise<number> {
  const found: Diagnosis[] = [];
  for await (const diagnosis of examine(globals.config, session)) {
    found.push(diagnosis);
    terminal.print(renderDiagnosis(diagnosis, terminal.page));
  }
  const failed = found.filter(({ status }) => status === 'fail').length;
  const warned = found.filter(({ status }) => status === 'warn').length;
  const verdict =
    failed + warned === 0
      ? 'all is well'
      : `${counted(failed, 'failure')}, ${counted(warned, 'warning')}`;
  terminal.print(['', `${counted(found.length, 'examination')}: ${verdict}`]);
  terminal.printJson({ examinations: found, failed, warned });
  return failed > 0 ? exitCodes.wrong : exitCodes.ok;
}

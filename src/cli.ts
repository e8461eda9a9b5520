import 'reflect-metadata';
import { createProgram } from './cli/program';
import { errorCode } from './platform/database/error-code';

// A reader such as `head` that has seen enough closes the pipe: the command ends as if stopped.
process.stdout.on('error', (error) => {
  if (errorCode(error) !== 'EPIPE') throw error;
  process.emit('SIGHUP');
});

void createProgram(process.argv.slice(2)).parseAsync();

/** The command line. `npm run cli -- help` */
import { carryOut } from './commands.ts';
import { readConfig } from './config.ts';
import { runCommand } from './program.ts';

await runCommand((running) => carryOut(running, process.argv.slice(2), readConfig));

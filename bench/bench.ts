/** Benchmarks. `npm run bench -- help` */
import { runCommand, say } from '../src/program.ts';
import { benchAdmin } from './admin.ts';
import { benchDebits } from './debits.ts';
import { benchFence } from './fence.ts';
import { benchGrowth } from './growth.ts';
import { benchPages } from './pages.ts';
import { benchStreams } from './streams.ts';

const HELP = `npm run bench -- COMMAND [options]

  debits   debits over HTTP beside bare statements straight on the same database
  growth   debits and pages with few and with many entries
  pages    how soon pages of a wallet with a million entries begin, and what one weighs
  fence    debits with row-level security and without it
  streams  what thousands of open pages cost, and how soon a change is on them
  admin    how soon pages of the admin area begin where there are many customers

All start a PostgreSQL of their own in a temporary folder, print a table, prove the ledger where they
write to it, and end with one line of JSON.

options
  --settings default|recommended   PostgreSQL as it comes, or as docs/operations.md recommends it
                                   (debits: recommended; growth: both, one after the other)
  --rounds N          how often each is measured; the median counts (5)
  --seconds N         how long each is measured in a round (growth: 4; else 8)
  --only NAME,NAME    only some of the rows of the table
  --clients node      leave wrk and pgbench alone where they are installed
  --quick             one short round: whether it works, not how fast
options of debits
  --wallets N         over how many wallets debits are spread (10000)
  --profile           keep and print where the server's processor time went
options of streams
  --streams N         open pages (5000)
options of growth, pages and admin
  --entries N         entries in the large database (10000000), of the wallet (1000000), of all
                      customers (1000000)
options of admin
  --customers N       how many there are (100000)`;

await runCommand(async (running) => {
  const [command = 'help', ...options] = process.argv.slice(2);
  switch (command) {
    case 'debits':
      return benchDebits(running, options);
    case 'growth':
      return benchGrowth(running, options);
    case 'pages':
      return benchPages(running, options);
    case 'fence':
      return benchFence(running, options);
    case 'streams':
      return benchStreams(running, options);
    case 'admin':
      return benchAdmin(running, options);
    case 'help':
      say(HELP);
      return;
    default:
      throw new Error(`${HELP}\n\nThere is no benchmark ${command}.`);
  }
});

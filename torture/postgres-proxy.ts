import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/**
 * Stands between the programs and PostgreSQL, and can take away what PostgreSQL says: the one moment
 * that nobody else can choose, after a transaction is committed and before anybody knows.
 */
export interface PostgresProxy {
  port: number;
  /** Where PostgreSQL listens; it may move when it starts again. */
  target: number;
  /**
   * Of the next so many answers to a commit none arrives: its connection is cut instead.
   * @returns when all of them were taken away
   */
  cutCommits(count: number): Promise<void>;
  /** Cuts every connection, in the middle of whatever it says. */
  cutAll(): void;
  /** Everything that PostgreSQL says is late by so many milliseconds, or by nothing again. */
  delay(milliseconds: number): void;
  close(): Promise<void>;
}

const COMMAND_COMPLETE = 'C'.charCodeAt(0);

export async function startPostgresProxy(target: number): Promise<PostgresProxy> {
  const open = new Set<() => void>();
  let late = 0;
  let toCut = 0;
  let allCut: (() => void) | undefined;

  const server = createServer((client) => {
    const upstream = connect(proxy.target, '127.0.0.1');
    const cut = (): void => {
      open.delete(cut);
      client.destroy();
      upstream.destroy();
    };
    open.add(cut);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', cut);
      socket.on('close', cut);
    }
    client.pipe(upstream);
    const messages = new Messages();
    upstream.on('data', (part: Buffer) => {
      if (!messages.sayCommitted(part) || toCut === 0) {
        passOn(client, part, late);
        return;
      }
      cut();
      toCut -= 1;
      if (toCut === 0) allCut?.();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const proxy: PostgresProxy = {
    port: (server.address() as AddressInfo).port,
    target,
    cutCommits: (count) => {
      toCut = count;
      return new Promise((resolve) => (allCut = resolve));
    },
    cutAll: () => {
      for (const cut of open) cut();
    },
    delay: (milliseconds) => (late = milliseconds),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const cut of open) cut();
      await closed;
    },
  };
  return proxy;
}

function passOn(client: Socket, part: Buffer, late: number): void {
  if (late === 0) client.write(part);
  else setTimeout(() => client.destroyed || client.write(part), late);
}

/** What PostgreSQL says on one connection: messages of a letter, a length and content. */
class Messages {
  private rest = Buffer.alloc(0);

  /** Whether a transaction was committed by what ends in this part. */
  sayCommitted(part: Buffer): boolean {
    let bytes = this.rest.length === 0 ? part : Buffer.concat([this.rest, part]);
    let committed = false;
    while (bytes.length >= 5) {
      const length = 1 + bytes.readUInt32BE(1);
      if (bytes.length < length) break;
      const isCommand = bytes[0] === COMMAND_COMPLETE;
      if (isCommand && bytes.toString('latin1', 5, length - 1) === 'COMMIT') committed = true;
      bytes = bytes.subarray(length);
    }
    this.rest = Buffer.from(bytes);
    return committed;
  }
}

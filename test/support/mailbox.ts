import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { MailServer } from '../../src/lib/mail-delivery.ts';

/** One message as it came over SMTP. */
export interface Delivered {
  from: string;
  to: string[];
  /** By name in lower case; a header that comes twice is joined by a line break. */
  headers: Record<string, string>;
  /** The parts in plain text, without the encoding. */
  body: string;
}

/** A mail server of somebody else's, which keeps what it is sent. */
export interface Mailbox {
  /** How a program sends there. */
  server: MailServer;
  delivered: Delivered[];
  /** From now on recipients are answered so; undefined takes them. */
  refuseWith(code: number | undefined): void;
  close(): Promise<void>;
}

export const SELLER = 'Acme Credits';

export async function startMailbox(options: { password?: string } = {}): Promise<Mailbox> {
  const delivered: Delivered[] = [];
  let refusal: number | undefined;
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, callback) => {
      if (password === (options.password ?? 'secret')) callback(null, { user: username });
      else callback(new Error('the password does not fit'));
    },
    onRcptTo: (_address, _session, callback) => {
      if (refusal === undefined) callback();
      else callback(Object.assign(new Error('not now'), { responseCode: refusal }));
    },
    onData: (stream, { envelope }, callback) => {
      void text(stream).then((raw) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        delivered.push({ from, to, ...parsed(raw) });
        callback();
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    server: {
      smtpUrl: `smtp://scrip:secret@127.0.0.1:${port}`,
      from: { name: SELLER, address: 'credits@acme.example' },
      letterhead: { seller: SELLER, baseUrl: 'https://credits.acme.example' },
    },
    delivered,
    refuseWith: (code) => {
      refusal = code;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}

function parsed(raw: string): Pick<Delivered, 'headers' | 'body'> {
  const end = raw.indexOf('\r\n\r\n');
  const headers: Record<string, string> = {};
  for (const line of raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known}\n${value}`;
  }
  const bytes = raw
    .slice(end + 4)
    .replace(/=\r\n/g, '')
    .replaceAll('\r\n', '\n')
    .replace(/=([0-9A-F]{2})/g, (_whole, code: string) => String.fromCharCode(parseInt(code, 16)));
  return { headers, body: Buffer.from(bytes, 'latin1').toString('utf8') };
}

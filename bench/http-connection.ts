import { type Socket, connect } from 'node:net';
import type { Ask } from './scenarios.ts';

/**
 * One connection that is kept alive, with one request under way, written by hand: the client shares
 * the processors with what it measures, so it does no more than it must.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #headers: string;
  #received = '';
  #answered: ((body: string) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  static open(port: number, apiKey: string): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new HttpConnection(socket, port, apiKey)));
    });
  }

  private constructor(socket: Socket, port: number, apiKey: string) {
    this.#socket = socket;
    this.#headers = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\n`;
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => this.#receive(part));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed a connection')));
  }

  /**
   * @returns the body of the answer
   * @throws Error when the answer is not a 2xx: what is refused is not to be measured
   */
  ask({ path, key, body }: Ask): Promise<string> {
    return new Promise((resolve, reject) => {
      [this.#answered, this.#failed] = [resolve, reject];
      const idempotency = key === '' ? '' : `Idempotency-Key: ${key}\r\n`;
      this.#socket.write(
        `POST ${path} HTTP/1.1\r\n${this.#headers}${idempotency}Content-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      );
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #receive(part: string): void {
    this.#received += part;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    if (length === undefined) throw new Error(`an answer without a length: ${this.#received}`);
    const end = head + 4 + Number(length);
    if (this.#received.length < end) return;
    const answer = this.#received;
    this.#received = '';
    // "HTTP/1.1 201": the ninth character is the first of the status.
    if (answer[9] === '2') this.#answered?.(answer.slice(head + 4, end));
    else this.#failed?.(new Error(`an answer that was not expected: ${answer}`));
  }
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey, send } from '../support/api.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { openStream } from '../support/streams.ts';
import { type Server, signUp, startServer } from './started.ts';

let program: TestProgram;
let server: Server;
beforeAll(async () => {
  program = await testProgram({ buying: false });
  server = await startServer({ DATABASE_URL: program.database.url });
});
afterAll(async () => {
  await server.stop();
  await program.stop();
});

describe('I7: two processes on one database', () => {
  test('what one debits over HTTP the pages of the other show; told to stop, it ends them at once', async () => {
    const { slug, cookie } = await signUp(server.browser());
    const stream = await openStream(`${server.url}/w/${slug}/live`, cookie);
    const [own] = await program.database.query<{ id: string }>(
      'select id from workspaces where slug = $1',
      [slug],
    );
    const key = await newKey(program, { workspace_id: own?.id ?? null });
    await stream.shows('50.00 Healthy');
    const order = { operation: 'image.generate', quantity: '1' };
    await send(program, key, '/debits', order).expect(201);
    await expect.poll(() => stream.purses().length, { timeout: 20_000 }).toBe(2);
    server.child.kill('SIGTERM');
    // Those that are waited for are cut off after ten seconds.
    expect(await stream.ended).toBe('in order');
    expect((await server.ended).code).toBe(0);
    expect(stream.text()).not.toContain('event: over');
  });
});

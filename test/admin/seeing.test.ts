import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey, send } from '../support/api.ts';
import { pressIn } from '../support/forms.ts';
import { type TestProgram, testProgram } from '../support/program.ts';
import { actOn as act, pageOf, staffBrowser } from '../support/staff.ts';

let program: TestProgram;
beforeAll(async () => {
  program = await testProgram();
});
afterAll(() => program.stop());

/** What staff did about a customer, the newest first. */
async function actionsOn(workspace_id: string): Promise<string[]> {
  const rows = await program.database.query<{ action: string }>(
    'select action from audit_events where subject_id = $1 order by id desc',
    [workspace_id],
  );
  return rows.map(({ action }) => action);
}

describe('R7: support sees what a customer sees', () => {
  test('and changes nothing, anywhere, until they leave; both ends are in the audit', async () => {
    const own = await program.signUp('Hedy Lamarr');
    const staff = await staffBrowser(program, 'support');
    await staff.get(`/w/${own.slug}`).expect(404);
    const to = await act(staff, `${pageOf(own)}/see`, /^See it$/);
    expect(to).toBe(`/w/${own.slug}`);
    for (const path of [
      '',
      '/history',
      '/history/1',
      '/usage',
      '/team',
      '/plans',
      '/buy',
      '/alerts',
    ]) {
      const page = await staff.get(`${to}${path}`).expect(200);
      expect(page.text, path).toContain('Staff view of <strong>Hedy Lamarr</strong>');
    }
    for (const path of ['/keys', '/webhooks', '/settings'])
      await staff.get(`${to}${path}`).expect(403);
    const other = await program.signUp();
    await staff.get(`/w/${other.slug}`).expect(404);
    const unsafe = [
      `${to}/use`,
      `${to}/buy`,
      '/account/profile',
      '/workspaces',
      `${pageOf(own)}/grant`,
    ];
    for (const path of [...unsafe, '/admin/approvals/x/approve', `${to}/no-such-page`]) {
      const refused = await staff.post(path).type('form').send({ amount: '1', reason: 'x' });
      expect(refused.status, path).toBe(403);
      expect(refused.text, path).toContain('Nothing was changed');
    }
    for (const method of ['put', 'patch', 'delete'] as const) await staff[method](to).expect(403);
    await staff.get('/admin/customers').expect(200, /Staff view of/);
    const left = await pressIn(
      staff,
      { path: to, html: (await staff.get(to)).text },
      'Leave the view',
    );
    expect(left.headers['location']).toBe(pageOf(own));
    await staff.get(to).expect(404);
    const actions = await actionsOn(own.workspace_id);
    expect(actions.slice(0, 2)).toEqual([
      'workspace.staff_view_ended',
      'workspace.staff_view_began',
    ]);
    expect(await own.available()).toBe(50_000_000n);
    await own.browser.get(`/w/${own.slug}`).expect(200);
  });

  test('also a customer without an account; signing out ends it, and so does losing the role', async () => {
    const service = await newKey(program);
    const external_id = `user-${randomUUID()}`;
    await send(program, service, '/customers', { customer: external_id, name: 'Ext' }).expect(200);
    const [row] = await program.database.query<{ id: string }>(
      'select id from workspaces where external_id = $1',
      [external_id],
    );
    const id = row?.id ?? '';
    const staff = await staffBrowser(program, 'support');
    const to = await act(staff, `/admin/customers/${id}/see`, /^See it$/);
    const page = await staff.get(to).expect(200);
    expect(page.text).toContain('Staff view of');
    await staff.post('/sign-out').expect(303);
    expect((await actionsOn(id))[0]).toBe('workspace.staff_view_ended');
    const own = await program.signUp();
    const again = await program.signUp();
    const role = 'update people set staff_role = $2 where email = $1';
    await program.database.query(role, [again.email, 'support']);
    const seen = await act(again.browser, `${pageOf(own)}/see`, /^See it$/);
    await program.database.query(role, [again.email, null]);
    await again.browser.get(seen).expect(404);
  });
});

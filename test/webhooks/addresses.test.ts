import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { isPublic, publicLookup } from '../../src/webhooks/addresses.ts';
import { urlField } from '../../src/webhooks/forms.ts';
import { post } from '../../src/webhooks/send.ts';
import { startReceiver } from '../support/receiver.ts';

const MESSAGE = { headers: {}, body: '{}' };

describe('in production nothing is sent to what is not the public internet', () => {
  test.each([
    ['this machine', '127.0.0.1', '127.255.255.254', '::1', '0.0.0.0', '::'],
    ['private networks', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1'],
    ['the metadata of clouds', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254'],
    ['addresses that carriers share', '100.64.0.1', '100.127.255.255'],
    ['IPv4 inside IPv6', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::'],
    ['multicast, broadcast, reserved', '224.0.0.1', '255.255.255.255', '240.0.0.1', 'ff02::1'],
    ['documentation and tests', '192.0.2.1', '198.18.0.1', '203.0.113.9', '2001:db8::1'],
    ['what is no address', '', 'localhost', '1.2.3', '127.1', '0x7f.1'],
  ])('%s', (_name, ...addresses) => {
    expect(addresses.filter(isPublic)).toEqual([]);
  });

  test('all others are good', () => {
    const good = ['8.8.8.8', '172.32.0.1', '100.128.0.1', '192.169.0.1', '2606:4700::1111'];
    expect(good.filter(isPublic)).toEqual(good);
  });

  test('a host with one address that is not public is refused, whichever would be taken', () => {
    const lookup = publicLookup((_host, _options, callback) => {
      callback(null, addressesOf('8.8.8.8', '10.0.0.1'));
    });
    expect(lookedUp(lookup, true)).toMatchObject({ error: { message: /public internet/ } });
  });

  test('a host is looked up once, and the connection goes to what was looked at', () => {
    // The second answer is that of a name server that changes its mind.
    const answers = [addressesOf('8.8.8.8'), addressesOf('127.0.0.1')];
    const lookup = publicLookup((_host, _options, callback) => {
      callback(null, answers.shift() ?? []);
    });
    expect(lookedUp(lookup, true)).toEqual({
      error: null,
      found: [{ address: '8.8.8.8', family: 4 }],
    });
    expect(answers).toHaveLength(1);
    expect(lookedUp(lookup, false)).toMatchObject({ error: { message: /public internet/ } });
  });

  test('a receiver on this machine hears nothing, by whatever name it is called', async () => {
    const receiver = await startReceiver();
    const { port } = new URL(receiver.url);
    const reach = {
      publicOnly: true,
      resolve: (_host: string, _options: object, callback: Answer) => {
        callback(null, addressesOf('127.0.0.1'));
      },
    };
    const faults: unknown[] = [];
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]']) {
      faults.push(await post(`https://${host}:${port}/`, MESSAGE, reach));
    }
    faults.push(await post(`https://rebinding.example:${port}/`, MESSAGE, reach));
    expect(faults).toEqual(
      faults.map(() => ({ fault: 'The address is not one of the public internet.' })),
    );
    expect(await post(`http://rebinding.example:${port}/`, MESSAGE, reach)).toEqual({
      fault: 'Only https is sent to.',
    });
    expect(receiver.received).toEqual([]);
    expect(await post(receiver.url, MESSAGE, { publicOnly: false })).toMatchObject({ status: 204 });
    await receiver.close();
  });

  test('an address that cannot be good is refused when somebody enters it', () => {
    const [strict, lax] = [urlField(true), urlField(false)];
    for (const url of [
      'http://example.com/',
      'https://127.0.0.1/',
      'https://[::ffff:a9fe:a9fe]/',
      'https://ada:secret@example.com/',
      'https://example.com/#part',
      'ftp://example.com/',
      'example.com',
      '',
    ]) {
      expect(strict.safeParse(url).success, url).toBe(false);
    }
    expect(strict.parse(' https://example.com/hooks ')).toBe('https://example.com/hooks');
    expect(lax.parse('http://localhost:3000/hooks')).toBe('http://localhost:3000/hooks');
  });
});

type Answer = (error: null, addresses: LookupAddress[]) => void;

function addressesOf(...addresses: string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

function lookedUp(lookup: ReturnType<typeof publicLookup>, all: boolean) {
  let result: { error: unknown; found: unknown } | undefined;
  lookup('example.com', { all }, (error, found) => {
    result = { error, found };
  });
  return result;
}

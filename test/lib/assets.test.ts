import { readdirSync, readFileSync } from 'node:fs';
import express from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { asset, assetRoutes } from '../../src/lib/assets.ts';

const app = express().use('/assets', assetRoutes());

describe('an asset', () => {
  test('is named by its content', () => {
    expect(asset('app.css')).toMatch(/^\/assets\/app\.css\?v=[0-9a-f]{12}$/);
    expect(asset('app.css')).toBe(asset('app.css'));
    expect(asset('app.css')).not.toBe(asset('app.js'));
  });

  test.each(['app.css', 'app.js'])('may be kept for ever by its name: %s', async (name) => {
    const named = await request(app).get(asset(name)).expect(200);
    expect(named.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const plain = await request(app).get(`/assets/${name}`).expect(200);
    expect(plain.headers['cache-control']).toBe('public, max-age=3600');
  });

  test('app.css holds every file of styles', async () => {
    const sheet = await request(app)
      .get(asset('app.css'))
      .expect('Content-Type', /^text\/css/);
    const files = readdirSync('public/styles');
    expect(files.length).toBeGreaterThan(5);
    const words = (text: string) =>
      text.replaceAll(/\/\*[\s\S]*?\*\/|[\s;]|\?v=\w+|\/assets\//g, '');
    for (const file of files) {
      expect(words(sheet.text), file).toContain(
        words(readFileSync(`public/styles/${file}`, 'utf8')),
      );
    }
  });

  test('app.css is small, and its pictures may be kept for ever', async () => {
    const { text } = await request(app).get(asset('app.css'));
    expect(text).not.toMatch(/\/\*|\n|: var|;}/);
    expect(text).toContain(`url(${asset('band.svg')})`);
  });
});

import type { RequestHandler } from 'express';
import type { Connections } from './lib/database.ts';
import { redirect, sendPage } from './lib/rendering.ts';
import type { PresetTexts } from './presets/preset.ts';
import { exampleOf } from './usage/example.ts';

interface HomeOptions {
  connections: Connections;
  texts: PresetTexts;
  people: { homeOf: (personId: string) => Promise<string> };
}

/** What guests read of the product, with a charge by the price book; others go on to their pages. */
export function homePage({ connections, texts, people }: HomeOptions): RequestHandler {
  return async (req, res) => {
    if (req.user !== undefined) {
      redirect(req, res, await people.homeOf(req.user.id));
      return;
    }
    const { about, ...measure } = texts.example;
    const cost = await exampleOf(connections.app, measure);
    sendPage(req, res, 'home', { about, cost });
  };
}

import { Router } from 'express';
import { sendPage } from '../lib/rendering.ts';
import { ENDPOINTS } from './endpoints.ts';
import { MEANINGS } from './openapi.ts';
import { referenceOf } from './reference.ts';

/** The documentation of the API for products, open to everybody. */
export function referenceRoutes({ baseUrl }: { baseUrl: string }): Router {
  const groups = referenceOf(ENDPOINTS, new URL(baseUrl).origin);
  const meanings = Object.entries(MEANINGS);
  const router = Router();
  router.get('/docs/api', (req, res) => {
    sendPage(req, res, 'api/reference', { groups, meanings });
  });
  return router;
}

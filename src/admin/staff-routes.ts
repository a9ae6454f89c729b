import { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import { type StaffFunction, staffMay } from '../core/staff-functions.ts';
import { AppError, notFound } from '../lib/errors.ts';

export type StaffHandler = (
  req: Request,
  res: Response,
  /** Who asks. */
  staff: Express.User,
) => Promise<void> | void;

export interface StaffRoute {
  method: 'get' | 'post';
  path: string;
  /** What it needs, of the table of staff functions. */
  to: StaffFunction;
}

/**
 * Routes of the admin area. Each names the function of the staff that it is, and is answered only to
 * who may do that.
 */
export class StaffRoutes {
  readonly router = Router();
  readonly list: StaffRoute[] = [];

  get(path: string, to: StaffFunction, handler: StaffHandler, ...guards: RequestHandler[]): void {
    this.#add({ method: 'get', path, to }, handler, guards);
  }

  post(path: string, to: StaffFunction, handler: StaffHandler, ...guards: RequestHandler[]): void {
    this.#add({ method: 'post', path, to }, handler, guards);
  }

  /** Takes in the routes of another part of the admin area. */
  include(others: StaffRoutes): void {
    this.router.use(others.router);
    this.list.push(...others.list);
  }

  /** Guards are asked of those alone whose role allows it. */
  #add(route: StaffRoute, handler: StaffHandler, guards: RequestHandler[]): void {
    this.list.push(route);
    const allowed: RequestHandler = (req, _res, next) => {
      staffFor(req, route.to);
      next();
    };
    this.router[route.method](route.path, allowed, ...guards, (req, res) =>
      handler(req, res, staffFor(req, route.to)),
    );
  }
}

/**
 * The person of the staff who asks for something that the role allows.
 * @throws AppError 403 `role`; 404 for customers, to whom the admin area does not exist
 */
function staffFor({ user }: Request, to: StaffFunction): Express.User {
  if (user === undefined || user.staff_role === null) throw notFound();
  if (staffMay(user.staff_role, to)) return user;
  const role = user.staff_role.replaceAll('_', ' ');
  throw new AppError(403, 'role', `Your role, ${role}, does not allow this. Nothing was changed.`);
}

/**
 * The id in a path such as `/payments/:id`.
 * @throws AppError 404 for what is no id
 */
export function idIn(req: Request, kind: string): string {
  const id = z.uuid().safeParse(req.params['id']);
  if (!id.success) throw notFound(kind);
  return id.data;
}

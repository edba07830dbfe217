// The API, typed by its contract (docs/openapi.yaml). Every rule is on the other side: this only asks and tells.
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
type Method = 'get' | 'post' | 'put' | 'delete';
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
export type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type JsonOf<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
type Success<R> = R[Extract<keyof R, 200 | 201 | 202 | 204>];
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? JsonOf<Success<R>> : never;
type Parameters<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { parameters: infer A } ? A : never;
type PathOf<A> = A extends { path: infer T } ? T : undefined;
type QueryOf<A> = A extends { query?: infer T } ? T : undefined;
type BodyOf<O> = O extends { requestBody?: { content: infer C } } ? C[keyof C] : undefined;

export interface Options<P extends keyof paths, M extends Method> {
  path?: PathOf<Parameters<P, M>>;
  query?: QueryOf<Parameters<P, M>>;
  body?: BodyOf<Operation<P, M>>;
  type?: string; // of the body, when it is not JSON
  etag?: string; // If-Match; '' makes something new (If-None-Match: *)
  key?: string; // Idempotency-Key: a repeat does nothing
  signal?: AbortSignal;
}

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the server was not reached
    readonly code: string,
    detail: string,
    readonly errors: NonNullable<Schemas['Problem']['errors']> = [],
    readonly retryAfter = 0, // seconds
  ) {
    super(detail);
  }
}

let csrf: string | null = null;
let language = 'en';
// Resolves when the same user has signed in again; nothing where nobody was.
let onExpired: () => Promise<void> | undefined = () => undefined;
export const setCsrf = (token: string | null) => void (csrf = token);
export const setApiLanguage = (name: string) => void (language = name);
export const whenSessionExpires = (callback: typeof onExpired) => void (onExpired = callback);
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

function addressOf(path: string, parameters: object = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((parameters as Record<string, unknown>)[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  const text = search.toString();
  return `/api/v1${filled}${text ? `?${text}` : ''}`;
}

async function failureOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Schemas['Problem']>;
  return new ApiError(
    response.status, problem.code ?? '', problem.detail ?? problem.title ?? response.statusText,
    problem.errors, Number(response.headers.get('Retry-After') ?? 0));
}

// What a session that has ended was refused was not done: it is asked for once more when the user is back.
async function request<P extends PathsWith<M>, M extends Method>(method: M, path: P, options: Options<P, M>, isRepeat = false): Promise<Response> {
  const headers: Record<string, string> = { 'Accept-Language': language };
  if (method !== 'get' && csrf) headers['X-CSRF-Token'] = csrf;
  if (options.body !== undefined) headers['Content-Type'] = options.type ?? 'application/json';
  if (options.etag === '') headers['If-None-Match'] = '*';
  if (options.etag) headers['If-Match'] = options.etag;
  if (options.key) headers['Idempotency-Key'] = options.key;
  const body = options.type ? (options.body as unknown as BodyInit) : JSON.stringify(options.body);
  let response: Response;
  try {
    response = await fetch(addressOf(path as string, options.path as object, options.query as object), {
      method: method.toUpperCase(), headers, signal: options.signal, credentials: 'same-origin',
      body: options.body === undefined ? undefined : body,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, 'network', '');
  }
  if (response.ok) return response;
  const failure = await failureOf(response);
  const isBack = failure.code === 'access.unauthenticated' && path !== '/session' && !isRepeat ? onExpired() : undefined;
  if (!isBack) throw failure;
  await isBack;
  options.signal?.throwIfAborted();
  return request(method, path, options, true);
}

export async function call<P extends PathsWith<M>, M extends Method>(
  method: M, path: P, options: Options<P, M> = {},
): Promise<{ data: Answer<P, M>; etag: string; at: string }> {
  const response = await request(method, path, options);
  const data = response.status === 204 ? undefined : await response.json();
  return { data: data as Answer<P, M>, etag: response.headers.get('ETag') ?? '', at: response.headers.get('Date') ?? '' };
}

// What is no JSON: a page as a picture, a file.
export async function callFile<P extends PathsWith<M>, M extends Method>(
  method: M, path: P, options: Options<P, M> = {},
): Promise<{ blob: Blob; headers: Headers }> {
  const response = await request(method, path, options);
  return { blob: await response.blob(), headers: response.headers };
}

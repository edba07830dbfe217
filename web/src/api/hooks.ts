// Questions to the API as React hooks: one value, a page of many, one page after the other, an action.
import { keepPreviousData, useInfiniteQuery, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import { call, type Answer, type Options, type PathsWith } from './client';

interface Ask {
  enabled?: boolean;
  every?: number; // milliseconds between repeats
  keep?: boolean; // show the answer before while the new one is on its way
  fresh?: number; // milliseconds an answer is not asked for again, unless something was changed
}

export function useAsk<P extends PathsWith<'get'>>(path: P, options: Options<P, 'get'> = {}, ask: Ask = {}) {
  const query = useQuery({
    queryKey: [path, options.path, options.query],
    queryFn: ({ signal }) => call('get', path, { ...options, signal }),
    enabled: ask.enabled,
    refetchInterval: ask.every,
    staleTime: ask.fresh,
    placeholderData: ask.keep ? keepPreviousData : undefined,
  });
  return { ...query, data: query.data?.data, etag: query.data?.etag ?? '' };
}

// The titles of some campaigns; those that have none, or are not known yet, go by their names, and one that shares its title (a copy)
// by both.
export function useTitles(names: string[]) {
  const found = useQueries({
    queries: names.map((name) => ({ queryKey: ['/campaigns/{name}', { name }, undefined], queryFn: ({ signal }: { signal: AbortSignal }) => call('get', '/campaigns/{name}', { path: { name }, signal }) })),
  });
  const titles = new Map(names.map((name, at) => [name, found[at]?.data?.data.title]));
  const shared = (title: string) => [...titles.values()].filter((one) => one === title).length > 1;
  return (name: string) => {
    const title = titles.get(name);
    return !title ? name : shared(title) ? `${title} (${name})` : title;
  };
}

type ItemOf<A> = A extends { items: (infer T)[] } ? T : never;

type Page = { items: unknown[]; next?: string | null };
const withCursor = <P extends PathsWith<'get'>>(options: Options<P, 'get'>, cursor?: string) =>
  ({ ...options, query: { ...(options.query as object | undefined), cursor } as unknown as Options<P, 'get'>['query'] });

// Page after page below each other, for what is looked through at once.
export function useEndless<P extends PathsWith<'get'>>(path: P, options: Options<P, 'get'> = {}) {
  const query = useInfiniteQuery({
    queryKey: [path, options.path, options.query, 'endless'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => (await call('get', path, { ...withCursor(options, pageParam), signal })).data as Page,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const items = query.data?.pages.flatMap((page) => page.items) as ItemOf<Answer<P, 'get'>>[] | undefined;
  return { ...query, items };
}

const PAGE = 'page'; // "3.CURSOR" in the address: a page has a link, and Back leads to the one before

export interface Turning {
  of: string; // the list: another one has nothing in common with it
  at: number;
  busy: boolean;
  next?: () => void;
  before?: () => void; // where it was come from the page before
  first?: () => void;
}

// One page of a list that may have any length: only its rows are asked for and drawn.
export function usePages<P extends PathsWith<'get'>>(path: P, options: Options<P, 'get'> = {}) {
  const [parameters, setParameters] = useSearchParams();
  const { state } = useLocation() as { state: { turned?: boolean } | null };
  const go = useNavigate();
  const [, number = '1', cursor] = /^(\d{1,6})\.(.+)$/.exec(parameters.get(PAGE) ?? '') ?? [];
  const at = Number(number);
  const query = useQuery({
    queryKey: [path, options.path, options.query, 'page', cursor],
    queryFn: async ({ signal }) => (await call('get', path, { ...withCursor(options, cursor), signal })).data as Page,
    placeholderData: keepPreviousData,
  });
  const turn = (to?: string) => {
    setParameters((now) => {
      const then = new URLSearchParams(now);
      if (to) then.set(PAGE, to);
      else then.delete(PAGE);
      return then;
    }, { state: { turned: Boolean(to) } });
    window.scrollTo(0, 0);
  };
  const next = query.data?.next;
  const turning: Turning = {
    of: JSON.stringify([path, options.path, options.query]), at, busy: query.isPlaceholderData,
    next: next ? () => turn(`${at + 1}.${next}`) : undefined,
    before: cursor && state?.turned ? () => void go(-1) : undefined,
    first: cursor ? () => turn() : undefined,
  };
  return { ...query, items: query.data?.items as ItemOf<Answer<P, 'get'>>[] | undefined, turning };
}

// Tells what is asked for apart from what is being done already.
const nameOf = (input: unknown) => JSON.stringify(input, (_, value: unknown) => (value instanceof File ? [value.name, value.size, value.lastModified] : value)) ?? '';

// Something that changes the world; afterwards what is shown is asked for again. Nothing is done twice at once: whoever asks for
// what is under way gets its answer.
export function useAct<In, Out>(act: (input: In) => Promise<Out>) {
  const client = useQueryClient();
  const running = useRef(new Map<string, Promise<Out>>());
  return useMutation({
    mutationFn: (input: In) => {
      const name = nameOf(input);
      const before = running.current.get(name);
      if (before) return before;
      const now = act(input).finally(() => running.current.delete(name));
      running.current.set(name, now);
      return now;
    },
    onSettled: () => client.invalidateQueries(),
  });
}

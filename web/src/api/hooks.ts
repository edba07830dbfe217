// Questions to the API as React hooks: one value, a page after the other, an action.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
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

type ItemOf<A> = A extends { items: (infer T)[] } ? T : never;

export function usePages<P extends PathsWith<'get'>>(path: P, options: Options<P, 'get'> = {}, ask: Ask = {}) {
  const query = useInfiniteQuery({
    queryKey: [path, options.path, options.query, 'pages'],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const withCursor = { ...(options.query as object | undefined), cursor: pageParam } as unknown as Options<P, 'get'>['query'];
      return (await call('get', path, { ...options, query: withCursor, signal })).data as { items: unknown[]; next?: string | null };
    },
    getNextPageParam: (last) => last.next ?? undefined,
    enabled: ask.enabled,
    refetchInterval: ask.every,
    placeholderData: keepPreviousData,
  });
  const items = query.data?.pages.flatMap((page) => page.items) as ItemOf<Answer<P, 'get'>>[] | undefined;
  return { ...query, items };
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

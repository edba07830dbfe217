// The message of one client as the server makes it, asked for once typing has paused.
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call, type Schemas } from '../../api/client';

const PAUSE_MS = 500;

export function usePreview(what: { template: Schemas['Template'] } | { name: string }, locale: string | undefined, client: string, enabled: boolean) {
  const [asked] = useDebouncedValue(JSON.stringify({ ...what, ...(locale ? { locale } : {}), ...(client ? { client } : {}) }), PAUSE_MS);
  const preview = useQuery({
    queryKey: ['preview', asked],
    queryFn: async ({ signal }) => (await call('post', '/templates:preview', { body: JSON.parse(asked) as Schemas['PreviewQuestion'], signal })).data,
    placeholderData: keepPreviousData,
    enabled,
  });
  return { preview, asked };
}

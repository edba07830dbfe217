// Pages of a letter or fax as pictures, one at a time, made by the channel's own code on the other side.
import { ActionIcon, Group, Stack, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSpeech } from '../i18n';
import { Loading, Problem } from './Page';
import classes from './ui.module.css';

interface Props {
  name: string; // of what is shown: another one begins at its first page
  load: (page: number, signal: AbortSignal) => Promise<{ blob: Blob; headers: Headers }>;
}

export function Pages(props: Props) {
  return <Shown key={props.name} {...props} />;
}

// The picture's address in this browser, given back when another takes its place.
function useAddress(blob: Blob | undefined) {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- an object URL is a resource of this effect
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}

function Shown({ name, load }: Props) {
  const { t } = useSpeech();
  const [page, setPage] = useState(1);
  const picture = useQuery({
    queryKey: ['page', name, page],
    queryFn: async ({ signal }) => {
      const { blob, headers } = await load(page, signal);
      return { blob, of: Number(headers.get('X-Pages') ?? 1) };
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const address = useAddress(picture.data?.blob);
  if (picture.error) return <Problem error={picture.error} />;
  if (!picture.data || !address) return <Loading />;
  const { of } = picture.data;
  return (
    <Stack gap="xs" data-testid="pages">
      {of > 1 && (
        <Group gap="xs">
          <ActionIcon variant="default" aria-label={t('pages.before')} disabled={page <= 1} onClick={() => setPage(page - 1)}><IconChevronLeft size={16} aria-hidden /></ActionIcon>
          <Text size="sm" aria-live="polite">{t('pages.at', { n: page, of })}</Text>
          <ActionIcon variant="default" aria-label={t('pages.next')} disabled={page >= of} onClick={() => setPage(page + 1)}><IconChevronRight size={16} aria-hidden /></ActionIcon>
        </Group>
      )}
      <img src={address} className={classes.page} alt={t('pages.at', { n: page, of })} />
    </Stack>
  );
}

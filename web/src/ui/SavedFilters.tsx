// Filters of a list under names of one's own. A filter is what stands in the address; names are kept in this browser.
import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { useOwnPlace } from '../app/session';
import { addWords, useSpeech } from '../i18n';
import { lists } from '../i18n/words/lists';

addWords(lists);

const NAME_MAX = 60;

interface Saved { name: string; query: string }

function read(place: string): Saved[] {
  try {
    const found = JSON.parse(localStorage.getItem(place) ?? '[]') as unknown;
    return Array.isArray(found) ? (found as Saved[]).filter((one) => typeof one.name === 'string' && typeof one.query === 'string') : [];
  } catch {
    return [];
  }
}

// `applied`: fields that keep what is typed in them start afresh then.
export function SavedFilters({ applied }: { applied: () => void }) {
  const { t } = useSpeech();
  const { pathname, search } = useLocation();
  const go = useNavigate();
  const place = useOwnPlace(`filters.${pathname}`);
  const [saved, setSaved] = useState(() => read(place));
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState('');
  const keep = (next: Saved[]) => {
    setSaved(next);
    localStorage.setItem(place, JSON.stringify(next));
  };
  const save = () => {
    keep([...saved.filter((one) => one.name !== name.trim()), { name: name.trim(), query: search }].toSorted((a, b) => a.name.localeCompare(b.name)));
    setName('');
  };
  const use = (one: Saved) => {
    void go({ pathname, search: one.query });
    setOpened(false);
    applied();
  };
  return (
    <Popover opened={opened} onChange={setOpened} width={300} position="bottom-start" withArrow trapFocus>
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<IconBookmark size={14} aria-hidden />} onClick={() => setOpened(!opened)}>{t('filters.open')}{saved.length > 0 && ` (${saved.length})`}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('filters.open')}>
        <Stack gap="xs">
          {saved.length === 0 && <Text size="sm">{t('filters.none')}</Text>}
          {saved.map((one) => (
            <Group key={one.name} gap={4} wrap="nowrap" justify="space-between">
              <Button size="compact-sm" variant={one.query === search ? 'light' : 'subtle'} justify="flex-start" style={{ flex: 1 }} onClick={() => use(one)}>{one.name}</Button>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('filters.forget', { name: one.name })} onClick={() => keep(saved.filter((other) => other !== one))}><IconX size={14} aria-hidden /></ActionIcon>
            </Group>
          ))}
          {search === '' ? <Text size="xs" c="dimmed">{t('filters.nothing')}</Text> : (
            <Group component="form" gap="xs" align="flex-end" wrap="nowrap" onSubmit={(event) => { event.preventDefault(); if (name.trim()) save(); }}>
              <TextInput size="xs" style={{ flex: 1 }} label={t('filters.name')} maxLength={NAME_MAX} value={name} onChange={(event) => setName(event.currentTarget.value)} />
              <Button size="xs" type="submit" disabled={!name.trim()}>{t('common.save')}</Button>
            </Group>
          )}
          <Text size="xs" c="dimmed">{t('filters.here')}</Text>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

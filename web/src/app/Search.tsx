// Ctrl+K: pages at once, clients, campaigns, segments and templates as they are found.
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useAsk } from '../api/hooks';
import { useSpeech } from '../i18n';
import { places } from './nav';
import { useMay } from './session';

const [store, spotlight] = createSpotlight();
export const openSearch = spotlight.open;

const FOUND_MAX = 5;

export function Search() {
  const { t } = useSpeech();
  const may = useMay();
  const go = useNavigate();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 250);
  const enough = asked.length >= 2;
  const query = { q: asked, limit: FOUND_MAX };
  const clients = useAsk('/clients', { query }, { enabled: enough && may('clients.see'), keep: true });
  const campaigns = useAsk('/campaigns', { query }, { enabled: enough && may('campaigns.see'), keep: true });
  const segments = useAsk('/segments', { query }, { enabled: enough && may('segments.see'), keep: true });
  const templates = useAsk('/templates', { query }, { enabled: enough && may('templates.see'), keep: true });
  const found = <T,>(group: string, items: T[] | undefined, to: (item: T) => string, label: (item: T) => string, description: (item: T) => string) => ({
    group,
    actions: (enough ? (items ?? []) : []).map((item) => ({
      id: to(item), label: label(item), description: description(item), onClick: () => void go(to(item)),
    })),
  });
  const lower = text.trim().toLowerCase();
  const groups: SpotlightActionGroupData[] = [
    {
      group: t('search.pages'),
      actions: places.filter((place) => may(place.right) && t(place.label).toLowerCase().includes(lower))
        .map((place) => ({ id: place.to, label: t(place.label), onClick: () => void go(place.to) })),
    },
    found(t('nav.clients'), clients.data?.items, (one) => `/clients/${encodeURIComponent(one.client)}`, (one) => one.name, (one) => one.client),
    found(t('nav.campaigns'), campaigns.data?.items, (one) => `/campaigns/${one.name}`, (one) => one.title || one.name, (one) => one.name),
    found(t('nav.segments'), segments.data?.items, (one) => `/segments/${one.name}`, (one) => one.title || one.name, (one) => one.name),
    found(t('nav.templates'), templates.data?.items, (one) => `/templates/${one.name}`, (one) => one.title || one.name, (one) => one.name),
  ].filter((group) => group.actions.length > 0);
  return (
    <Spotlight store={store} shortcut="mod+K" actions={groups} query={text} onQueryChange={setText} clearQueryOnClose
      nothingFound={t('search.nothing')} filter={(_, actions) => actions} scrollable maxHeight={420}
      searchProps={{ placeholder: t('search.placeholder'), 'aria-label': t('app.search') }} />
  );
}

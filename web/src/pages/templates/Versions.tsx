// All versions, what changed since one of them, and the way back.
import { Button, Grid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAsk } from '../../api/hooks';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { Diff } from '../../ui/Diff';
import { When } from '../../ui/Marks';
import { Asked, Section } from '../../ui/Page';
import type { Draft } from './draft';
import { readable } from './readable';

export function Versions({ name, current, takeBack }: { name: string; current: Draft; takeBack?: (draft: Draft) => void }) {
  const { t, code } = useSpeech();
  const versions = useAsk('/templates/{name}/versions', { path: { name } });
  const [shown, setShown] = useState<number>();
  const old = useAsk('/templates/{name}/versions/{version}', { path: { name, version: shown ?? 1 } }, { enabled: shown !== undefined });
  return (
    <Grid>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <DataTable label={t('template.versions')} rows={versions.data?.items} error={versions.error} id={(row) => row.version} columns={[
          { name: 'version', title: t('common.version'), order: (row) => row.version, cell: (row) => row.version },
          { name: 'by', title: t('common.changedBy'), cell: (row) => row.created_by },
          { name: 'at', title: t('common.changed'), cell: (row) => <When at={row.created_at} /> },
          { name: 'look', title: t('common.actions'), cell: (row) => <Button size="compact-xs" variant={row.version === shown ? 'light' : 'default'} onClick={() => setShown(row.version)}>{t('template.compare')}</Button> },
        ]} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 7 }}>
        {shown === undefined ? <Text size="sm" c="dimmed">{t('template.chooseVersion')}</Text> : (
          <Asked query={old}>{(data) => {
            const draft = data.content as unknown as Draft;
            return (
              <Section title={t('template.since', { n: data.version })}>
                <Stack>
                  <Diff before={readable(draft, code)} after={readable(current, code)} />
                  {takeBack && <Button size="xs" variant="default" w="fit-content" onClick={() => takeBack(draft)}>{t('template.takeBack', { n: data.version })}</Button>}
                </Stack>
              </Section>
            );
          }}</Asked>
        )}
      </Grid.Col>
    </Grid>
  );
}

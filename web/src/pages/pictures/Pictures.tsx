// The library of pictures on a page of its own.
import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { call } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useMay } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Ask, Say } from '../../ui/Ask';
import { Page } from '../../ui/Page';
import { Library, type Picture } from './Library';

export default function Pictures() {
  const { t } = useSpeech();
  const may = useMay();
  const [asked, setAsked] = useState<Picture>();
  const remove = useAct((id: string) => call('delete', '/pictures/{id}', { path: { id } }));
  const title = asked ? t('pictures.remove', { file: asked.file }) : '';
  return (
    <Page title={t('nav.pictures')} above={{ to: '/templates', label: t('nav.templates') }}>
      <Library extra={(picture) => may('templates.edit') && picture.used_by.length === 0 && (
        <Button size="compact-xs" variant="subtle" color="red" mt={4} aria-label={t('pictures.remove', { file: picture.file })} leftSection={<IconTrash size={12} aria-hidden />} onClick={() => setAsked(picture)}>{t('common.delete')}</Button>
      )} />
      <Ask opened={asked !== undefined} close={() => setAsked(undefined)} title={title} action={t('common.delete')} color="red" act={async () => remove.mutateAsync(asked?.id ?? '')}><Say>{t('pictures.removeText')}</Say></Ask>
    </Page>
  );
}

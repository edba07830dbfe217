// A campaign once more, as a draft under another name.
import { Button } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { call, newKey } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useSpeech } from '../../i18n';
import { CopyButton } from '../../ui/Marks';
import { NameDialog } from '../../ui/NameDialog';

// `title`: in a list, where the button is a mark beside others and must say of what.
export function Duplicate({ name, title }: { name: string; title?: string }) {
  const { t } = useSpeech();
  const go = useNavigate();
  const [opened, setOpened] = useState(false);
  const duplicate = useAct((copy: string) =>
    call('post', '/campaigns/{name}/duplicate', { path: { name }, body: { name: copy }, key: newKey() }));
  return (
    <>
      {title
        ? <CopyButton what={title} onClick={() => setOpened(true)} />
        : <Button variant="default" size="xs" leftSection={<IconCopy size={14} aria-hidden />} onClick={() => setOpened(true)}>{t('common.duplicate')}</Button>}
      <NameDialog opened={opened} close={() => setOpened(false)} title={t('common.duplicate')} label={t('common.newName')} action={t('common.duplicate')}
        suggestion={`${name}-2`}
        act={async (copy) => { await duplicate.mutateAsync(copy); void go(`/campaigns/${copy}/edit`); }} />
    </>
  );
}

// Opens the library to take one picture from it, or to upload one and take that.
import { Button, Modal } from '@mantine/core';
import { IconPhoto } from '@tabler/icons-react';
import { useState } from 'react';
import { addWords, useSpeech } from '../../i18n';
import { pictures } from '../../i18n/words/pictures';
import { Library, type Picture } from './Library';

addWords(pictures);

// What a mail needs of a picture; one that no mail would find cannot be taken.
export type Taken = Picture & { address: string };

export function PictureButton({ take }: { take: (picture: Taken) => void }) {
  const { t } = useSpeech();
  const [opened, setOpened] = useState(false);
  const chosen = (picture: Picture) => {
    if (!picture.address) return;
    setOpened(false);
    take({ ...picture, address: picture.address });
  };
  return (
    <>
      <Button size="compact-xs" variant="light" w="fit-content" leftSection={<IconPhoto size={14} aria-hidden />} onClick={() => setOpened(true)}>{t('pictures.choose')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} size="xl" title={t('pictures.choose')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {opened && <Library take={chosen} />}
      </Modal>
    </>
  );
}

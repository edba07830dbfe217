// Opens the library to take one picture from it, or to upload one and take that.
import { Button, Modal } from '@mantine/core';
import { IconPhoto } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { addWords, useSpeech } from '../../i18n';
import { pictures } from '../../i18n/words/pictures';
import { Library, type Picture } from './Library';

addWords(pictures);

// What a mail needs of a picture; one that no mail would find cannot be taken.
export type Taken = Picture & { address: string };

export function PictureButton({ take }: { take: (picture: Taken) => void }) {
  const { t } = useSpeech();
  const [opened, setOpened] = useState(false);
  const chosen = useRef<Taken>(undefined);
  const choose = (picture: Picture) => {
    if (!picture.address) return;
    chosen.current = { ...picture, address: picture.address };
    setOpened(false);
  };
  // Once the dialog has given the keyboard back: whoever takes the picture may put it elsewhere.
  const closed = () => {
    if (chosen.current) take(chosen.current);
    chosen.current = undefined;
  };
  return (
    <>
      <Button size="compact-xs" variant="light" w="fit-content" leftSection={<IconPhoto size={14} aria-hidden />} onClick={() => setOpened(true)}>{t('pictures.choose')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} onExitTransitionEnd={closed} size="xl" title={t('pictures.choose')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {opened && <Library take={choose} />}
      </Modal>
    </>
  );
}

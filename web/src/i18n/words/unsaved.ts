// Words around an editor: undo, and what happens to what was not saved.
export const unsaved = {
  'history.undo': ['Undo', 'Отменить'],
  'history.redo': ['Redo', 'Вернуть'],
  'history.kept': ['Kept in this browser', 'Сохранено в этом браузере'],
  'unsaved.overtaken': ['Somebody else has stored a newer version meanwhile.', 'Тем временем кто-то сохранил более новую версию.'],
  'unsaved.overtakenText': ['What you wrote is still here and has not been saved. Take the newer version, or keep yours: saving then replaces the newer one.', 'Ваши правки остались здесь, но не сохранены. Возьмите новую версию или оставьте свою: при сохранении она заменит новую.'],
  'unsaved.takeTheirs': ['Take the newer one', 'Взять новую'],
  'unsaved.keepMine': ['Keep mine', 'Оставить мою'],
} as const;

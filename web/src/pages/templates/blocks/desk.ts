// What every block of the editor stands on.
export interface Desk {
  locale: string; // of the mail
  names: string[]; // of merge fields
  lists: string[]; // those of them that are lists
  mistakes: Map<string, string[]>; // by block
  chosen: string; // the block whose form is open
  choose: (id: string) => void;
  readOnly: boolean;
  room: number; // pixels that the widest picture fills here
}

// Who is signed in and what he may. A session that ends does not take the page away: it asks again over it.
import { createContext, useContext } from 'react';
import type { Schemas } from '../api/client';

export type Session = Schemas['Session'];
export type Right = Schemas['Right'];

export const SessionContext = createContext<{ session: Session; signOut: () => Promise<void>; renew: (session: Session) => void } | null>(null);

export function useSession() {
  const value = useContext(SessionContext);
  if (!value) throw new Error('used outside of a session');
  return value;
}

// Where the browser keeps something of this user's: others who sign in here do not see it.
export const useOwnPlace = (name: string) => `carillon.${useSession().session.user}.${name}`;

// The server decides; this only leaves out of the page what would be refused.
export function useMay() {
  const { session } = useSession();
  return (right: Right) => session.rights.includes(right);
}

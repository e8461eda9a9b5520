import { spelled } from '../../format/words';

/** What happened, as a reviewer says it; an action the page does not know is spelled out. */
const words: Record<string, string> = {
  'controls.registered': 'Version loaded',
  'controls.replayed': 'Version replayed',
  'controls.submitted': 'Version put forward',
  'controls.approved': 'Version approved',
  'people.added': 'Person added',
  'people.link_made': 'Sign-in link made',
  'people.role_given': 'Role given',
  'people.role_taken': 'Role taken',
  'people.disabled': 'Person shut out',
  'people.enabled': 'Person let in again',
  'people.sessions_ended': 'Signed out by an administrator',
  'sessions.started': 'Signed in',
  'sessions.ended': 'Signed out',
  'signoff.prepared': 'Signed as preparer',
  'signoff.reviewed': 'Signed as reviewer',
  'signoff.reopened': 'Sign-off reopened',
  'reconciling_items.created': 'Reconciling item named',
  'reconciling_items.approved': 'Reconciling item approved',
  'reconciling_items.revoked': 'Reconciling item ended',
};

export function actionWord(action: string): string {
  const [area = '', ...rest] = action.split('.');
  const kind = spelled(rest.join(' '));
  if (area === 'exceptions') return `Exception ${kind.toLowerCase()}`;
  return words[action] ?? `${spelled(area)}: ${kind.toLowerCase()}`;
}

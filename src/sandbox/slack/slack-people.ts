import type { UsersInfoResponse } from '@slack/web-api';
import { SlackApiError, TEAM } from './slack-web-api';

/** A member of the workspace. */
export interface SlackPerson {
  /** Such as U0PERSON001. */
  id: string;
  /** The handle, without '@'. */
  name: string;
  realName: string;
  email: string;
  /** Deactivated people are still known by id, and no longer by e-mail. */
  isDeactivated?: boolean;
}

/** Who presses buttons when no people are given. */
export const defaultPeople: readonly SlackPerson[] = [
  { id: 'U0PERSON001', name: 'robin', realName: 'Robin Reyes', email: 'robin@northwind.example' },
];

type User = NonNullable<UsersInfoResponse['user']>;

/** The methods users.* over a fixed list of people. */
export class SlackPeople {
  constructor(private readonly people: readonly SlackPerson[]) {}

  call(method: string, args: ReadonlyMap<string, string>): object {
    switch (method) {
      case 'users.info': {
        const person = this.people.find(({ id }) => id === args.get('user'));
        if (person === undefined) throw new SlackApiError('user_not_found');
        return { ok: true, user: shownPerson(person) };
      }
      case 'users.lookupByEmail': {
        const email = args.get('email')?.toLowerCase();
        const person = this.people.find((one) => one.email.toLowerCase() === email);
        if (person === undefined || person.isDeactivated)
          throw new SlackApiError('users_not_found');
        return { ok: true, user: shownPerson(person) };
      }
      default:
        throw new SlackApiError('unknown_method');
    }
  }

  /** The one who acts; the first of the list unless named. Throws when there is no such person. */
  actor(id: string | undefined): SlackPerson {
    const person = id === undefined ? this.people[0] : this.people.find((one) => one.id === id);
    if (person === undefined) throw new Error(`there is no person ${id ?? ''} in this workspace`);
    return person;
  }
}

const shownPerson = ({ id, name, realName, email, isDeactivated }: SlackPerson): User => ({
  id,
  team_id: TEAM.id,
  name,
  deleted: isDeactivated === true,
  real_name: realName,
  tz: 'America/Los_Angeles',
  profile: { email, real_name: realName, display_name: name, team: TEAM.id },
  is_admin: false,
  is_bot: false,
  is_app_user: false,
});

import { salesforceId } from '../kit/ids';
import type { Day } from '../kit/instants';
import type { Person } from '../truth/sold';

type Role = Person['role'];
type Row = readonly [name: string, role: Role, manager: string | null, from: Day, to?: Day];

const rows: readonly Row[] = [
  ['Marguerite Solano', 'controller', null, '2019-03-04'],
  ['Anselm Okonkwo', 'sales_manager', null, '2019-09-16'],
  ['Brigid Tierney', 'sales_manager', 'Anselm Okonkwo', '2021-02-01'],
  ['Haruto Minami', 'sales_manager', 'Anselm Okonkwo', '2022-05-09'],
  ['Calla Whitfield', 'rep', 'Anselm Okonkwo', '2020-01-13'],
  ['Desmond Achterberg', 'rep', 'Anselm Okonkwo', '2021-08-02'],
  ['Elodie Marchetti', 'rep', 'Brigid Tierney', '2022-03-14'],
  ['Fintan Gallagher', 'rep', 'Brigid Tierney', '2022-10-03'],
  ['Greta Lindqvist', 'rep', 'Brigid Tierney', '2023-01-16', '2025-08-29'],
  ['Hideo Kurokawa', 'rep', 'Haruto Minami', '2023-04-03'],
  ['Imani Okoro', 'rep', 'Anselm Okonkwo', '2023-06-12'],
  ['Jasper Vanterpool', 'rep', 'Anselm Okonkwo', '2023-09-04', '2025-03-31'],
  ['Katya Sorokina', 'rep', 'Anselm Okonkwo', '2024-02-05'],
  ['Leopold Achebe', 'rep', 'Anselm Okonkwo', '2025-05-12'],
  ['Miriam Castellanos', 'deal_desk', 'Marguerite Solano', '2020-06-01'],
  ['Niall Prendergast', 'deal_desk', 'Marguerite Solano', '2021-11-15'],
  ['Odalys Ferreira', 'deal_desk', 'Marguerite Solano', '2024-01-08'],
  ['Percival Lindgren', 'revenue', 'Marguerite Solano', '2020-02-10'],
  ['Quynh Tran', 'revenue', 'Marguerite Solano', '2021-05-17'],
  ['Rosalind Haverford', 'revenue', 'Marguerite Solano', '2022-08-22'],
  ['Soren Dahlgaard', 'revenue', 'Marguerite Solano', '2023-02-13', '2026-01-30'],
  ['Tabitha Ewing', 'support', 'Brigid Tierney', '2022-01-10'],
  ['Ulrich Brenner', 'support', 'Brigid Tierney', '2023-07-03'],
  ['Valentina Rios', 'support', 'Anselm Okonkwo', '2024-03-18', '2025-11-14'],
  ['Wendell Asante', 'engineer', null, '2018-10-01'],
  ['Xiomara Delgado', 'engineer', 'Wendell Asante', '2021-04-26'],
];

/** They have a second login, from a former role, and make no conflicting use of it (L21). */
const withTwoLogins = new Set(['Calla Whitfield', 'Miriam Castellanos']);

const keyOf = (name: string): string => name.toLowerCase().replace(' ', '.');

const toPerson = ([name, role, manager, from, to]: Row, i: number): Person => ({
  key: keyOf(name),
  hrId: `E${String(1001 + i * 7)}`,
  name,
  email: `${keyOf(name)}@northwind.example`,
  role,
  managerKey: manager === null ? null : keyOf(manager),
  startedOn: from,
  terminatedOn: to ?? null,
  userIds: [
    salesforceId('User', keyOf(name)),
    ...(withTwoLogins.has(name) ? [salesforceId('User', keyOf(name), 'second')] : []),
  ],
});

const everybody = rows.map(toPerson);

/** Who is on the roster on a day: a later start or end has not happened yet. */
export const peopleOn = (day: Day): Person[] =>
  everybody
    .filter(({ startedOn }) => startedOn <= day)
    .map((person) => ({
      ...person,
      terminatedOn:
        person.terminatedOn !== null && person.terminatedOn <= day ? person.terminatedOn : null,
    }));

/** A login of no person: HR does not know it. */
export interface SystemUser {
  kind: 'integration' | 'break_glass';
  name: string;
  login: string;
  userId: string;
  createdOn: Day;
}

/** The connector's own user and the sealed emergency one (L21). */
export const systemUsers: readonly SystemUser[] = [
  {
    ...{ kind: 'integration', name: 'Billing Integration', createdOn: '2023-11-06' },
    ...{ login: 'billing-integration@northwind.example' },
    userId: salesforceId('User', 'integration'),
  },
  {
    ...{ kind: 'break_glass', name: 'Break Glass', createdOn: '2023-11-06' },
    ...{ login: 'break-glass@northwind.example' },
    userId: salesforceId('User', 'break-glass'),
  },
];

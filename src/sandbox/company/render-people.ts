import type { WarehouseRow } from '../world/records';
import type { Roster } from './roster';

const titles = {
  rep: 'Account executive',
  sales_manager: 'Sales manager',
  deal_desk: 'Deal desk analyst',
  revenue: 'Revenue accountant',
  controller: 'Controller',
  support: 'Support specialist',
  engineer: 'Billing engineer',
} as const;

/** HR's list of everybody, which accesses are held against (AC-01): the table hr_roster. */
export function* renderPeople(roster: Roster): Generator<WarehouseRow> {
  for (const one of roster.people)
    yield {
      table: 'hr_roster',
      row: {
        hr_id: one.hrId,
        name: one.name,
        email: one.email,
        title: titles[one.role],
        department: departmentOf[one.role],
        manager_hr_id: one.managerKey === null ? null : roster.person(one.managerKey).hrId,
        hired_on: one.startedOn,
        terminated_on: one.terminatedOn,
        status: one.terminatedOn === null ? 'active' : 'terminated',
      },
    };
}

const departmentOf = {
  rep: 'Sales',
  sales_manager: 'Sales',
  deal_desk: 'Finance',
  revenue: 'Finance',
  controller: 'Finance',
  support: 'Support',
  engineer: 'Engineering',
} as const;

import { MappingProblem, type BooksRow, type MappedRows } from '../../../books/mapping';
import { parseExactJson } from '../../../books/exact-json';
import { salesforceMappings } from './salesforce-mappings';
import { longId, quotient, takenAway, type SalesforceContext } from './salesforce-values';

const context: SalesforceContext = {
  entityId: 'ni-us',
  bookZone: 'America/Los_Angeles',
  currency: 'USD',
  corporateCurrency: null,
  fields: {},
};
const id = (prefix: string, n: number): string => longId(`${prefix}${String(n).padStart(12, '0')}`);

type Fields = Record<string, unknown>;
const audit = {
  CreatedDate: '2026-06-01T08:00:00.000+0000',
  CreatedById: id('005', 1),
  LastModifiedDate: '2026-06-02T08:00:00.000+0000',
  LastModifiedById: id('005', 2),
  IsDeleted: false,
};

function map(object: string, record: Fields, more: Partial<SalesforceContext> = {}): MappedRows {
  const mapping = salesforceMappings.find((candidate) => candidate.object === object);
  if (!mapping) throw new Error(`no mapping of ${object}`);
  const payload = parseExactJson(JSON.stringify({ ...audit, ...record }));
  const raw = { object, objectId: String(record['Id']), observedAt: '2026-07-01T05:00:00Z' };
  return mapping.map({ ...raw, apiVersion: '66.0', payload, parts: {} }, { ...context, ...more });
}

const opportunity: Fields = {
  Id: id('006', 1),
  AccountId: id('001', 1),
  Account: { Name: 'Hamlet GmbH' },
  Name: 'Renewal',
  StageName: 'Closed Won',
  IsWon: true,
  IsClosed: true,
  Amount: 1200.5,
  CloseDate: '2026-06-30',
};

const order: Fields = {
  Id: id('801', 1),
  OrderNumber: '00000100',
  AccountId: id('001', 1),
  Account: { Name: 'Hamlet GmbH' },
  Status: 'Live',
  StatusCode: 'Activated',
  ActivatedDate: '2026-07-01T05:00:00.000+0000',
  ActivatedById: id('005', 1),
  TotalAmount: 1800,
};

const orderItem: Fields = {
  Id: id('802', 1),
  OrderId: id('801', 1),
  Order: { IsReductionOrder: false },
  Quantity: 1,
  UnitPrice: 1800,
  TotalPrice: 1800,
};

describe('a deal', () => {
  test('keeps its naive close date, its native amount and who changed it', () => {
    expect(map('Opportunity', opportunity)['opportunities']?.[0]).toMatchObject({
      opportunity_id: id('006', 1),
      customer_name: 'Hamlet GmbH',
      close_date: '2026-06-30',
      total_amount: '1200.5',
      currency: 'USD',
      is_won: true,
      modified_at: '2026-06-02T08:00:00.000Z',
    });
  });

  test('may have no account and no amount yet', () => {
    const early = { ...opportunity, AccountId: null, Account: null, Amount: null };
    expect(map('Opportunity', early)['opportunities']?.[0]).toMatchObject({
      customer_id: null,
      customer_name: null,
      total_amount: '0',
    });
  });

  test('belongs to the entity that its own field names', () => {
    const entities = {
      paths: { Opportunity: 'Account.Legal_Entity__c' },
      byValue: { IE: { entityId: 'ni-ie', bookZone: 'Europe/Dublin' } },
    };
    const named = (Legal_Entity__c: string): Fields => ({
      ...opportunity,
      Account: { Name: 'Hamlet GmbH', Legal_Entity__c },
    });
    const [row] = map('Opportunity', named('IE'), { entities })['opportunities'] ?? [];
    expect(row?.['entity_id']).toBe('ni-ie');
    expect(() => map('Opportunity', named('FR'), { entities })).toThrow(
      'Account.Legal_Entity__c names no declared entity.',
    );
  });

  test('that is gone for good leaves the day it was missed', () => {
    const mapping = salesforceMappings.find(({ object }) => object === 'Opportunity');
    const gone = { object: 'Opportunity', objectId: id('006', 1), apiVersion: null };
    const rows = mapping?.mapDeleted?.({ ...gone, observedAt: '2026-07-01T05:00:00Z' }, context);
    expect(rows?.['booking_changes']).toEqual([
      expect.objectContaining({
        booking_kind: 'opportunity',
        booking_id: id('006', 1),
        changed_on: '2026-06-30',
        detection: 'DELETE',
      }),
    ]);
  });

  const problems: [string, Fields, string][] = [
    ['no close date', { CloseDate: null }, 'CloseDate is missing.'],
    ['a date that is none', { CloseDate: '2026-02-30' }, 'CloseDate is no date.'],
    ['an unselected account', { Account: undefined }, 'Account.Name was not selected.'],
    ['an unknown currency', { CurrencyIsoCode: 'XYZ' }, 'CurrencyIsoCode is no ISO 4217 currency.'],
  ];
  test.each(problems)('with %s is a problem', (_what, more, message) => {
    const work = () => map('Opportunity', { ...opportunity, ...more });
    expect(work).toThrow(MappingProblem);
    expect(work).toThrow(message);
  });
});

describe('an order', () => {
  test('counts by its status code, and is activated on the day of the books', () => {
    expect(map('Order', order)['orders']?.[0]).toMatchObject({
      status: 'Activated',
      status_label: 'Live',
      activated_on: '2026-06-30',
      total_amount: '1800',
      is_reduction: false,
    });
  });

  test.each([1800, -1800])('that reduces takes away, written as %d', (TotalAmount) => {
    const reduction = { ...order, TotalAmount, IsReductionOrder: true };
    expect(map('Order', reduction)['orders']?.[0]?.['total_amount']).toBe('-1800');
  });

  const lines: [string, Fields, BooksRow][] = [
    [
      'whose CPQ price is of the whole term',
      { SBQQ__ProrateMultiplier__c: 12, SBQQ__QuotedListPrice__c: 120 },
      { unit_price_term: '1800', unit_price_billing: '150.000000000000' },
    ],
    [
      'without CPQ',
      { ListPrice: 2000 },
      { unit_price_billing: '1800', list_price_billing: '2000', prorate_multiplier: null },
    ],
    [
      'of a reduction order',
      { Order: { IsReductionOrder: true }, Quantity: 2 },
      { quantity: '-2', total_amount: '-1800', is_delta: true },
    ],
    ['charged by usage', { SBQQ__ChargeType__c: 'Usage' }, { charge_type: 'USAGE' }],
  ];
  test.each(lines)('has a line %s', (_what, more, expected) => {
    expect(map('OrderItem', { ...orderItem, ...more })['order_lines']?.[0]).toMatchObject(expected);
  });
});

test('a deal may wait for a day, an order has its own terms, a contract may go on', () => {
  const waiting = { ...opportunity, Order_After__c: '2026-08-01' };
  expect(map('Opportunity', waiting)['opportunities']?.[0]).toMatchObject({
    order_after: '2026-08-01',
  });
  const cpqOrder = { ...order, SBQQ__PaymentTerm__c: 'Net 45' };
  expect(map('Order', cpqOrder)['orders']?.[0]).toMatchObject({ payment_terms: 'Net 45' });
  const named = { ...cpqOrder, Payment_Terms__c: 'Net 60' };
  expect(map('Order', named)['orders']?.[0]).toMatchObject({ payment_terms: 'Net 60' });
  const contract = {
    ...{ Id: id('800', 1), AccountId: id('001', 1), Status: 'Activated', StatusCode: 'Activated' },
    SBQQ__Evergreen__c: true,
  };
  expect(map('Contract', contract)['contracts']?.[0]).toMatchObject({ is_evergreen: true });
});

test('an account names its Stripe customer, and what it was merged into', () => {
  const account = {
    Id: id('001', 1),
    Name: 'Hamlet GmbH',
    ParentId: null,
    MasterRecordId: id('001', 2),
    Billing_Id__c: 'cus_1',
  };
  const fields = { Account: { stripe_customer_id: 'Billing_Id__c' } };
  const rows = map('Account', account, { fields });
  expect(rows['customer_links']?.map((link) => [link['to_id'], link['link_method']])).toEqual([
    ['cus_1', 'EXPLICIT_ID'],
    [id('001', 2), 'MERGE'],
  ]);
  const other = { Account: { stripe_customer_id: 'Elsewhere__c' } };
  expect(() => map('Account', account, { fields: other })).toThrow(/Elsewhere__c is named in/);
});

test('a tracked field shows both values, an approval who decided for whom', () => {
  const history = {
    Id: id('017', 1),
    OpportunityId: id('006', 1),
    Field: 'Amount',
    OldValue: 100,
    NewValue: null,
  };
  expect(map('OpportunityFieldHistory', history)['booking_changes']?.[0]).toMatchObject({
    booking_id: id('006', 1),
    old_value: '100',
    new_value: null,
    changed_on: '2026-06-01',
  });
  const step = {
    Id: id('04h', 1),
    ProcessInstanceId: id('04g', 1),
    StepStatus: 'Approved',
    ActorId: id('005', 1),
    OriginalActorId: id('005', 2),
  };
  expect(map('ProcessInstanceStep', step)['approval_steps']?.[0]).toMatchObject({
    decision: 'Approved',
    decided_by: id('005', 1),
    original_approver: id('005', 2),
  });
});

test('ids of 15 characters get the suffix that Salesforce gives them', () => {
  expect(longId('001D000000IqhSL')).toBe('001D000000IqhSLIAZ');
  expect(longId('001D000000IqhSLIAZ')).toBe('001D000000IqhSLIAZ');
});

test('a quotient has twelve digits, a half away from zero', () => {
  expect(quotient('1800', '12')).toBe('150.000000000000');
  expect(quotient('2', '3')).toBe('0.666666666667');
  expect(quotient('-1', '1.5')).toBe('-0.666666666667');
  expect(quotient('1', '0.0')).toBeNull();
  expect(['5', '-5', '0', '0.0'].map(takenAway)).toEqual(['-5', '-5', '0', '0.0']);
});
